"""What cria knows: the course's subject in a sentence or two, and a little of the world."""

# term, as one would say it -> its definition
TERMS = {
    "a token": (
        "A token is a piece of text, often a word or a part of one. A language model reads and "
        "writes tokens."
    ),
    "a prompt": "A prompt is the text that you send to a language model. The model continues it.",
    "a completion": "A completion is the text that the model writes after your prompt.",
    "a language model": (
        "A language model is a program that works out which token is likely to come next, again "
        "and again."
    ),
    "GGUF": (
        "GGUF is a file format that holds a model for llama.cpp: its numbers, its tokenizer and "
        "its chat template in one file."
    ),
    "quantisation": (
        "Quantisation stores the numbers of a model with fewer bits. The file gets smaller and "
        "faster, and a little less exact."
    ),
    "the context": (
        "The context is everything that the model sees at once: the prompt and what it has "
        "written so far, counted in tokens."
    ),
    "a context window": (
        "The context window is the largest number of tokens that a model can see at once."
    ),
    "temperature": (
        "Temperature says how boldly the model chooses. At 0 it always takes the most likely "
        "token; higher values bring more surprise."
    ),
    "streaming": (
        "Streaming means that the server sends each token as soon as it is made, instead of the "
        "whole reply at the end."
    ),
    "SSE": (
        "SSE means server-sent events: a long HTTP answer in which each event is a line that "
        "begins with data."
    ),
    "a server": "A server is a program that waits for requests and answers them.",
    "a client": "A client is a program that sends requests to a server.",
    "a port": "A port is a number under which one program on a computer can be reached.",
    "an API": "An API is a set of rules by which one program talks to another.",
    "an endpoint": "An endpoint is an address of an API that does one thing.",
    "JSON": (
        "JSON is a way to write data as text, with names, numbers, lists and quotes. Nearly every "
        "language can read it."
    ),
    "a JSON schema": (
        "A JSON schema describes which fields a JSON text must have, and of which type each is."
    ),
    "a tool": (
        "A tool is a function that the model may ask your program to call. Your program runs it "
        "and sends the result back."
    ),
    "a tool call": (
        "A tool call is a reply in which the model names a function and its arguments instead of "
        "writing text."
    ),
    "an embedding": (
        "An embedding is a list of numbers that stands for the meaning of a text. Similar texts "
        "have similar numbers."
    ),
    "llama.cpp": "llama.cpp is a program in C++ that runs language models on ordinary computers.",
    "llama-server": (
        "llama-server is the server of llama.cpp. It loads one model and answers over HTTP."
    ),
    "ollama": (
        "Ollama is a program that downloads, manages and serves language models on your own "
        "computer."
    ),
    "llama-cpp-python": (
        "llama-cpp-python is a Python package that loads a model with llama.cpp inside your own "
        "program."
    ),
    "a slot": (
        "A slot is a place in the server for one conversation. With four slots it can answer four "
        "requests at once."
    ),
    "sampling": (
        "Sampling is how the next token is drawn from the probabilities that the model gives."
    ),
    "greedy decoding": (
        "Greedy decoding always takes the most likely token. The same prompt then gives the same "
        "reply."
    ),
    "top-k": "Top-k keeps only the k most likely tokens before one is drawn.",
    "top-p": (
        "Top-p keeps the most likely tokens until their probabilities add up to p, and draws from "
        "those."
    ),
    "min-p": "Min-p drops every token that is much less likely than the best one.",
    "a seed": (
        "A seed is the number that random draws start from. The same seed gives the same draws."
    ),
    "a stop sequence": "A stop sequence is a text at which the server ends the reply.",
    "a logit": (
        "A logit is the raw score that a model gives a token, before it becomes a probability."
    ),
    "a probability": "A probability is a number from 0 to 1 that says how likely something is.",
    "a chat template": (
        "A chat template is the rule that turns a list of messages into the one text that the "
        "model reads."
    ),
    "ChatML": (
        "ChatML is a chat template that puts each message between the markers im_start and im_end."
    ),
    "a system prompt": (
        "A system prompt is a message at the start that tells the model how to behave."
    ),
    "a role": "A role says who speaks in a message: system, user, assistant or tool.",
    "a message": "A message is one turn of a conversation, with a role and a content.",
    "HTTP": "HTTP is the language in which browsers and programs ask servers for things.",
    "a status code": (
        "A status code is the number at the start of an HTTP answer. 200 means OK, 404 means not "
        "found."
    ),
    "a header": (
        "A header is a line of an HTTP request or answer that says something about it, such as "
        "its type."
    ),
    "a request": (
        "A request is what a client sends to a server: a method, an address, headers and perhaps "
        "a body."
    ),
    "a response": "A response is what a server sends back: a status code, headers and a body.",
    "an API key": "An API key is a password for programs. It travels in the Authorization header.",
    "localhost": (
        "Localhost is the name of your own computer as seen from itself. Its address is 127.0.0.1."
    ),
    "a timeout": "A timeout is the longest time that a program waits before it gives up.",
    "latency": "Latency is the time from the question to the first token of the reply.",
    "throughput": "Throughput is how much gets done in a second, such as tokens per second.",
    "a GPU": "A GPU is a graphics card. It does many sums at once, so it makes large models fast.",
    "a CPU": "A CPU is the main processor of a computer. Small models run well on it.",
    "a thread": "A thread is a strand of work that one processor core can take.",
    "a layer": (
        "A layer is one of the steps that turn the tokens of a prompt into the scores of the next "
        "token."
    ),
    "a parameter": (
        "A parameter is one of the numbers inside a model that were learned in training."
    ),
    "training": (
        "Training is how a model learns: it guesses the next token many times, and its numbers "
        "are corrected."
    ),
    "fine-tuning": "Fine-tuning is more training of a finished model on a smaller set of examples.",
    "a tokenizer": "A tokenizer cuts text into tokens and puts tokens back together.",
    "a grammar": (
        "A grammar is a set of rules that the reply must follow. The server allows only tokens "
        "that fit."
    ),
    "structured output": (
        "Structured output is a reply in a form that a program can read, such as JSON."
    ),
    "a hallucination": "A hallucination is a reply that sounds right but is made up.",
    "a notebook": "A notebook is a page of text and code cells that you can run one by one.",
    "a kernel": "A kernel is the program behind a notebook that runs its cells.",
    "Python": (
        "Python is a programming language that is easy to read. This course is written in it."
    ),
    "the OpenAI SDK": (
        "The OpenAI SDK is the official Python client. With another base URL it talks to your own "
        "server."
    ),
    "a base URL": (
        "A base URL is the address at which an API begins, such as http://127.0.0.1:8080/v1."
    ),
    "a watermark": (
        "A watermark is a hidden pattern in the choice of tokens that shows that a model wrote "
        "the text."
    ),
    "the KV cache": (
        "The KV cache keeps what the model has worked out about earlier tokens, so that it need "
        "not do it again."
    ),
    "a batch": "A batch is a group of tokens or requests that the model works on at once.",
    "a cria": "A cria is a young llama. It is also my name.",
}

CAPITALS = dict(
    line.split(": ")
    for line in """France: Paris
Germany: Berlin
Italy: Rome
Spain: Madrid
Portugal: Lisbon
Austria: Vienna
Poland: Warsaw
Greece: Athens
Norway: Oslo
Sweden: Stockholm
Finland: Helsinki
Denmark: Copenhagen
Ireland: Dublin
Hungary: Budapest
Belgium: Brussels
Iceland: Reykjavik
Romania: Bucharest
Bulgaria: Sofia
Croatia: Zagreb
Ukraine: Kyiv
Turkey: Ankara
Egypt: Cairo
Morocco: Rabat
Kenya: Nairobi
Ghana: Accra
Ethiopia: Addis Ababa
Peru: Lima
Chile: Santiago
Cuba: Havana
Mexico: Mexico City
Canada: Ottawa
Argentina: Buenos Aires
Brazil: Brasilia
Colombia: Bogota
Japan: Tokyo
China: Beijing
India: New Delhi
Thailand: Bangkok
Vietnam: Hanoi
Nepal: Kathmandu
Iran: Tehran
Iraq: Baghdad
Australia: Canberra
New Zealand: Wellington
South Korea: Seoul
Indonesia: Jakarta
Mongolia: Ulaanbaatar
the United Kingdom: London
the United States: Washington
the Netherlands: Amsterdam""".splitlines()
)

OPPOSITES = dict(
    pair.split("/")
    for pair in (
        "hot/cold big/small fast/slow up/down left/right old/new day/night light/dark open/closed "
        "full/empty hard/soft high/low long/short loud/quiet rich/poor strong/weak wet/dry "
        "young/old happy/sad early/late near/far thick/thin clean/dirty good/bad true/false "
        "begin/end buy/sell win/lose push/pull inside/outside above/below first/last heavy/light"
    ).split()
)

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)
NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
