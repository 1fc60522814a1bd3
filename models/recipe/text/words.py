"""Plain English words, sorted by what they can do in a sentence."""

ANIMALS = (
    "llama fox owl cat bear mouse goat dog raven hare deer frog wolf hen otter badger swan "
    "hedgehog squirrel lizard turtle heron donkey crab seal lynx beetle snail goose toad moth "
    "camel stork weasel robin sparrow horse sheep duck rabbit"
).split()
THINGS = (
    "key lamp map drum stone book bell boat hat mirror coin clock kite rope spoon basket ladder "
    "candle violin bicycle umbrella guitar hammer carpet pillow camera window bottle button shovel "
    "needle whistle lantern barrel blanket bucket feather flute glove anchor ring cup chair table "
    "box door letter picture shoe"
).split()
FOODS = (
    "banana sandwich potato cheese bread soup apple cake pancake onion carrot honey plum pear rice "
    "pie melon walnut pumpkin biscuit tomato bean cherry lemon"
).split()
PLACES = (
    "river hill forest mill bridge desert island village harbour tower garden cave lake meadow "
    "valley castle market mountain swamp shore field lighthouse barn well road inn"
).split()
PEOPLE = (
    "baker teacher smith gardener sailor weaver miller painter piper doctor farmer tailor hunter "
    "singer carpenter postman shepherd fisherman cook captain"
).split()
MOODS = (
    "quiet curious brave shy clever cheerful lonely stubborn kind restless sleepy proud hungry "
    "patient nervous gentle grumpy polite thirsty careful jolly dreamy bold modest"
).split()
LOOKS = (
    "old heavy shiny broken strange tiny golden wooden rusty wet dusty empty crooked round silver "
    "painted hollow frozen warm muddy narrow glowing ancient patched little green red blue black "
    "yellow"
).split()
DEEDS = (  # somebody did it to a thing
    "found painted carried buried borrowed polished hid mended sold admired dropped washed "
    "dragged kicked drew opened lost guarded wrapped shook stole cleaned lifted followed"
).split()
MOVES = (  # somebody did it, and no more needs to be said
    "laughed slept danced waited shivered smiled whistled sneezed cried hummed yawned sang nodded "
    "trembled wondered sighed rested listened bowed jumped"
).split()
ASIDES = (  # how it was done
    "slowly quickly quietly happily sadly carefully proudly softly bravely loudly gladly twice "
    "alone together again politely"
).split()
TASKS = (  # what one does with a thing, as it is asked about
    "cook fix build draw paint grow clean repair catch plant bake sew climb drive wash feed fold "
    "sharpen polish weigh open carry make use hide sell"
).split()
NATURE = (
    "volcano rainbow ocean moon desert cloud glacier thunder waterfall comet penguin dolphin "
    "elephant whale spider butterfly shark tiger monkey snake eagle crocodile bee ant kangaroo "
    "diamond iron copper sand snow wind fire pyramid telescope rocket engine trumpet piano"
).split()
