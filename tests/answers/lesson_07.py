"""Answers to the exercises of lesson 07, as learners write them."""

ORDER = "class Order(BaseModel):\n"
DATE = 'date = """\nroot ::= [0-9]{4} "-" month "-" day\n'
MONTH = 'month ::= "0" [1-9] | "1" [0-2]\n'
DAY = 'day ::= "0" [1-9] | [12] [0-9] | "3" [01]\n'
PARSED = """\
def fault(reply):
    try:
        found = json.loads(reply)
    except ValueError:
        return "not JSON"
    if not isinstance(found, dict):
        return "not an object"
"""
STARS = """\
    stars = found.get("stars")
    if type(stars) is not int or stars < 1 or stars > 5:
        return "stars"
"""
TEXT = """\
    text = found.get("text")
    if not isinstance(text, str) or text == "":
        return "text"
    return "fine"
"""

RIGHT = {
    "07.1": [
        ORDER + "    item: str\n    quantity: int = Field(ge=1)\n    price: float = Field(ge=0)",
        ORDER + "    item: str\n    quantity: int = Field(gt=0)\n    price: float = Field(ge=0.0)",
        ORDER + '    "An order."\n    price: float = Field(..., ge=0)\n'
        "    quantity: int = Field(..., ge=1)\n    item: str = Field(...)",
        "from pydantic import PositiveInt, NonNegativeFloat\n" + ORDER
        + "    item: str\n    quantity: PositiveInt\n    price: NonNegativeFloat",
        "from typing import Annotated\n" + ORDER
        + "    item: str\n    quantity: Annotated[int, Field(ge=1)]\n"
        "    price: Annotated[float, Field(ge=0)]",
        "from decimal import Decimal\n" + ORDER
        + "    item: str = Field(min_length=1)\n    quantity: int = Field(ge=1, strict=True)\n"
        "    price: Decimal = Field(ge=0)",
        "from pydantic import field_validator\n" + ORDER
        + "    item: str\n    quantity: int\n    price: float\n"
        '    @field_validator("quantity")\n    @classmethod\n    def some(cls, value):\n'
        '        if value < 1:\n            raise ValueError("none")\n        return value\n'
        '    @field_validator("price")\n    @classmethod\n    def paid(cls, value):\n'
        "        assert value >= 0\n        return value",
        "from pydantic import ConfigDict\n" + ORDER
        + '    model_config = ConfigDict(extra="forbid", strict=True)\n'
        "    item: str\n    quantity: int = Field(ge=1, le=1000)\n    price: float = Field(ge=0)",
    ],
    "07.2": [
        DATE + MONTH + DAY + '"""',
        DATE + 'month ::= ("0" [1-9]) | ("1" [012])\n'
        'day ::= ("0" [1-9]) | ("1" [0-9]) | ("2" [0-9]) | ("30" | "31")\n"""',
        "date = 'root ::= [0-9] [0-9] [0-9] [0-9] \"-\" (\"0\" [1-9] | \"1\" [0-2]) \"-\" "
        "(\"0\" [1-9] | [1-2] [0-9] | \"3\" [0-1])'",
        'months = " | ".join(f\'"{m:02d}"\' for m in range(1, 13))\n'
        'days = " | ".join(f\'"{d:02d}"\' for d in range(1, 32))\n'
        "date = f'root ::= [0-9]{{4}} \"-\" ({months}) \"-\" ({days})'",
        'date = r"""\nroot ::= year [-] month [-] day\nyear ::= digit{4}\ndigit ::= [0-9]\n'
        + MONTH + DAY + '"""',
        'date = """\n# a date\nroot ::= date\ndate ::= [0123456789]{4,4} "-" month-day\n'
        'month-day ::= month "-" day\n' + MONTH + DAY + '"""',
        'date = """root ::= year rest\nyear ::= [0-9] [0-9]{3}\nrest ::= "-" month "-" day\n'
        'month ::= "0" nonzero | "10" | "11" | "12"\nnonzero ::= [1-9]\n'
        'day ::= "0" nonzero | ("1" | "2") [0-9] | "30" | "31"\n"""',
    ],
    "07.3": [
        PARSED + STARS + TEXT,
        PARSED.replace("ValueError", "json.JSONDecodeError") + STARS + TEXT,
        PARSED + '    if "stars" not in found or type(found["stars"]) != int:\n'
        '        return "stars"\n    if found["stars"] not in range(1, 6):\n'
        '        return "stars"\n' + TEXT,
        PARSED + '    stars = found.get("stars")\n'
        "    if isinstance(stars, bool) or stars not in [1, 2, 3, 4, 5]:\n"
        '        return "stars"\n' + TEXT,
        PARSED + STARS + '    text = found.get("text", "")\n'
        '    return "fine" if isinstance(text, str) and len(text) > 0 else "text"',
        "from pydantic import ValidationError\nclass Review(BaseModel):\n"
        "    stars: int = Field(ge=1, le=5, strict=True)\n    text: str = Field(min_length=1)\n"
        + PARSED + "    try:\n        Review.model_validate_json(reply)\n"
        "    except ValidationError as error:\n"
        '        wrong = {e["loc"][0] for e in error.errors()}\n'
        '        return "stars" if "stars" in wrong else "text"\n    return "fine"',
        "def fault(reply):\n    try:\n        match json.loads(reply):\n"
        '            case {"stars": bool()}:\n                return "stars"\n'
        '            case {"stars": int(n), "text": str(t)} if 1 <= n <= 5 and t:\n'
        '                return "fine"\n'
        '            case {"stars": int(n)} if 1 <= n <= 5:\n                return "text"\n'
        '            case dict():\n                return "stars"\n'
        '            case _:\n                return "not an object"\n'
        '    except ValueError:\n        return "not JSON"',
    ],
}  # fmt: skip

WRONG = {
    "07.1": [
        (ORDER + "    pass", "nothing here yet"),
        (ORDER + "    item: str\n    quantity: int\n    price: float",
         '"quantity": 0, "price": 9.5} was taken, expected: refused'),
        (ORDER + "    item: str\n    quantity: int = Field(gt=1)\n    price: float = Field(ge=0)",
         '"quantity": 1, "price": 9.5} was refused (quantity'),
        (ORDER + "    item: str\n    quantity: int = Field(ge=1)\n    price: float = Field(gt=0)",
         '"price": 0} was refused (price'),
        (ORDER + "    item: str\n    quantity: int = Field(ge=1)\n    price: int = Field(ge=0)",
         '"price": 9.5} was refused (price'),
        (ORDER + "    item: str\n    quantity: float = Field(ge=1)\n    price: float = Field(ge=0)",
         '"quantity": 2.5, "price": 9.5} was taken'),
        (ORDER + "    item: str\n    quantity: int = Field(1, ge=1)\n"
         "    price: float = Field(ge=0)", '{"item": "lamp", "price": 9.5} was taken'),
        (ORDER + "    item: str | None = None\n    quantity: int = Field(ge=1)\n"
         "    price: float = Field(ge=0)", '{"quantity": 3, "price": 9.5} was taken'),
        (ORDER + "    item: str\n    qty: int = Field(ge=1)\n    price: float = Field(ge=0)",
         "(qty: Field required)"),
        (ORDER + "    item: str\n    quantity: int = Field(ge=1)\n    price: float = Field(ge=1)",
         '"price": 0} was refused'),
        (ORDER + "    item: str\n    quantity: int = Field(le=1)\n    price: float = Field(ge=0)",
         '"quantity": 3, "price": 9.5} was refused'),
        ("Order = {'item': str, 'quantity': int, 'price': float}", "a class is expected"),
        (ORDER + "    item: str\n    quantity: int = Field(ge=1)\n    price: float = Field(ge=0)\n"
         "Order = Order(item='lamp', quantity=3, price=9.5)", "a class is expected"),
        ("from dataclasses import dataclass\n@dataclass\nclass Order:\n    item: str\n"
         "    quantity: int\n    price: float", "and not <class"),
        (ORDER + "    item: object\n    quantity: int = Field(ge=1)\n"
         "    price: float = Field(ge=0)", '{"item": 7, "quantity": 3'),
        (ORDER + "    item: str\n    quantity: str\n    price: float = Field(ge=0)",
         '"quantity": 3, "price": 9.5} was refused (quantity'),
        (ORDER + "    item: str\n    quantity: int = Field(ge=1)\n"
         "    price: float | None = Field(ge=0)", '"price": null} was taken, expected: refused'),
        (ORDER + "    item: str\n    quantity: int | None = Field(ge=1)\n"
         "    price: float = Field(ge=0)", '"quantity": null, "price": 9.5} was taken'),
        (ORDER + "    item: str | None\n    quantity: int = Field(ge=1)\n"
         "    price: float = Field(ge=0)", '{"item": null, "quantity": 3, "price": 9.5} was taken'),
        (ORDER + "    item: str = Field(max_length=10)\n    quantity: int = Field(ge=1)\n"
         "    price: float = Field(ge=0)", "String should have at most 10 characters"),
    ("""
from pydantic import BaseModel, field_validator
class Order(BaseModel):
    item: str
    quantity: int
    price: float
    @field_validator("quantity")
    def some(cls, value):
        if value < 1:
            raise ValueError("none")
    @field_validator("price")
    def paid(cls, value):
        if value < 0:
            raise ValueError("none")
""", 'was taken, but its quantity became None'),
],
    "07.2": [
        ("date = ...", "nothing here yet"),
        (r'date = r"\d{4}-\d{2}-\d{2}"', "the server refuses the grammar"),
        ("import re\ndate = re.compile('[0-9]{4}')", "a string is expected; this is re.compile"),
        ('date = \'root ::= [0-9]{4} "-" [0-9]{2} "-" [0-9]{2}\'', "which is not a date"),
        (DATE + 'month ::= [01] [0-9]\n' + DAY + '"""', "which is not a date"),
        (DATE + 'month ::= "0" [0-9] | "1" [0-2]\n' + DAY + '"""', "which is not a date"),
        (DATE + 'month ::= "0" [1-9] | "1" [01]\n' + DAY + '"""', "no month 12 came"),
        (DATE + MONTH + 'day ::= "0" [1-9] | "1" [0-9] | "2" [0-9] | "30"\n"""', "no day 31 came"),
        (DATE + MONTH + 'day ::= "0" [1-9] | [12] [1-9] | "3" [01]\n"""', "no day 10, 20 came"),
        (DATE + MONTH + 'day ::= [0-2] [0-9] | "3" [01]\n"""', "which is not a date"),
        (DATE + 'month ::= "0"? [1-9] | "1" [0-2]\n' + DAY + '"""', "which is not a date"),
        ('date = """\nroot ::= [0-9]{4} " - " month " - " day\n' + MONTH + DAY + '"""',
         "which is not a date"),
        ('date = """\nroot ::= [0-9]+ "-" month "-" day\n' + MONTH + DAY + '"""',
         "which is not a date"),
        ('date = """\nroot ::= [12] [0-9]{3} "-" month "-" day\n' + MONTH + DAY + '"""',
         "no year with 0 or 3 or 4 or 5 or 6 or 7 or 8 or 9 as its first digit came in"),
        ('date = """\nroot ::= [1-9] [0-9]{3} "-" month "-" day\n' + MONTH + DAY + '"""',
         "no year with 0 as its first digit came in"),
        ('date = """\nroot ::= [0-9]{4} "-" md\n'
         'md ::= long "-" d31 | short "-" d30 | "02-" d29\n'
         'long ::= "01" | "03" | "05" | "07" | "08" | "10" | "12"\n'
         'short ::= "04" | "06" | "09" | "11"\nd29 ::= "0" [1-9] | [12] [0-9]\n'
         'd30 ::= d29 | "30"\nd31 ::= d30 | "31"\n"""', "no 30 or 31 February came in"),
        ("date = ''", "a rule called root, and not an empty string"),
        (DATE.replace("root", "date") + MONTH + DAY + '"""', "it has no rule called root"),
        (DATE + "month ::= [1-12]\n" + DAY + '"""', "which is not a date"),
        (r"""date = 'root ::= "\\"" [0-9]{4} "-11-23" "\\""'""", "which is not a date"),
        ('date = """\nroot ::= [0-9]{4} "-" the_month "-" day\nthe_' + MONTH + DAY + '"""',
         "the server refuses the grammar"),
        (DATE + MONTH + '"""', "the server refuses the grammar"),
        ('date = """\nroot ::= day "-" month "-" [0-9]{4}\n' + MONTH + DAY + '"""',
         "which is not a date"),
        ('date = \'root ::= "2026-11-23"\'', "no month 01"),
        ('date = \'root ::= [0-9]{4,3} "-"\'', "the smaller bound"),
    ],
    "07.3": [
        ("def fault(reply):\n    return ...", "nothing here yet"),
        (PARSED + STARS + TEXT.replace('return "fine"', 'print("fine")'), "is there a `return`?"),
        (PARSED + STARS.replace("type(stars) is not int", "not isinstance(stars, int)") + TEXT,
         '"stars": true'),
        (PARSED + STARS.replace("stars > 5", "stars >= 5") + TEXT, "returned 'stars', expected 'f"),
        (PARSED + STARS.replace("stars < 1", "stars < 0") + TEXT, '"stars": 0'),
        (PARSED + '    if not 1 <= int(found["stars"]) <= 5:\n        return "stars"\n' + TEXT,
         "raised KeyError"),
        (PARSED + '    if not 1 <= float(found.get("stars") or 0) <= 5:\n        return "stars"\n'
         + TEXT, '"stars": "4"'),
        (PARSED + STARS + TEXT.replace(' or text == ""', ""), '"text": ""'),
        (PARSED + STARS + '    if not found.get("text"):\n        return "text"\n    return "fine"',
         '"text": 7'),
        (PARSED + STARS + TEXT.replace('text == ""', 'text.strip() == ""'), '"text": " "'),
        (PARSED + STARS + TEXT.replace('"fine"', '"Fine"'), "returned 'Fine', expected 'fine'"),
        (PARSED + '    wrong = []\n' + STARS.replace('return "stars"', 'wrong.append("stars")')
         + '    if not found.get("text"):\n        wrong.append("text")\n'
         '    return wrong or "fine"', "returned ['stars', 'text'], expected 'stars'"),
        (PARSED + STARS.replace("stars < 1 or stars > 5", "stars not in range(1, 5)") + TEXT,
         "returned 'stars', expected 'fine'"),
        (PARSED + TEXT.replace('    return "fine"\n', "") + STARS + '    return "fine"',
         "returned 'text', expected 'stars'"),
        ("def fault(reply):\n    try:\n        found = json.loads(reply)\n"
         '    except ValueError:\n        return "not JSON"\n' + STARS + TEXT,
         "raised AttributeError"),
        ("def fault(reply):\n    found = json.loads(reply)\n" + STARS + TEXT,
         "raised JSONDecodeError"),
        ("def fault(reply):\n    try:\n        found = eval(reply)\n"
         '    except Exception:\n        return "not JSON"\n    if not isinstance(found, dict):\n'
         '        return "not an object"\n' + STARS + TEXT, "expected 'not JSON'"),
        (PARSED.replace("json.loads(reply)", 'json.loads(reply[reply.find("{"):])')
         + STARS + TEXT, "expected 'not JSON'"),
        (PARSED + '    if set(found) != {"stars", "text"}:\n        return "stars"\n' + STARS
         + TEXT, '"stars in words"'),
        (PARSED + "    try:\n" + '        stars, text = found["stars"], found["text"]\n'
         '    except KeyError:\n        return "stars"\n' + STARS + TEXT,
         "returned 'stars', expected 'text'"),
        (PARSED + STARS + TEXT.replace('"fine"', "True"), "returned True, expected 'fine'"),
        ("fault = 'fine'", "a function is expected; this is 'fine'"),
        ("class Review(BaseModel):\n    stars: int = Field(ge=1, le=5)\n"
         "    text: str = Field(min_length=1)\n" + PARSED
         + "    try:\n        Review.model_validate_json(reply)\n    except Exception as error:\n"
         '        return error.errors()[0]["loc"][0]\n    return "fine"', '"stars": "4"'),
    ],
}  # fmt: skip
