"""Made-up Dutch people and companies, always the same for the same number."""

from services.sandbox.tills import Buyer

FIRST = (
    "Anna",
    "Bram",
    "Daan",
    "Emma",
    "Fleur",
    "Finn",
    "Iris",
    "Jan",
    "Julia",
    "Kees",
    "Lars",
    "Lotte",
    "Luuk",
    "Maud",
    "Mees",
    "Noor",
    "Piet",
    "Roos",
    "Sanne",
    "Sem",
    "Sofie",
    "Tess",
    "Thijs",
    "Willem",
    "Yara",
    "Zoë",
)
LAST = (
    "de Jong",
    "Jansen",
    "de Vries",
    "van den Berg",
    "Bakker",
    "van Dijk",
    "Visser",
    "Smit",
    "Meijer",
    "de Boer",
    "Mulder",
    "de Groot",
    "Bos",
    "Vos",
    "Peters",
    "Hendriks",
    "van Leeuwen",
    "Dekker",
    "Brouwer",
    "de Wit",
    "Dijkstra",
    "Smits",
    "de Graaf",
    "van der Meer",
    "Kok",
    "Jacobs",
    "Vermeulen",
    "van den Heuvel",
    "Schouten",
)
TRADES = (
    "Bouw",
    "Installatie",
    "Advies",
    "Hoveniers",
    "Transport",
    "Interieur",
    "Horeca",
    "Makelaardij",
    "Zorg",
    "Media",
)
FORMS = ("BV", "VOF", "Holding BV", "& Zn.")
LETTERS = "ABCDEGHJKLMNPRSTVWXZ"
STREETS = (
    "Dorpsstraat",
    "Kerkstraat",
    "Oudegracht",
    "Kanaalstraat",
    "Molenweg",
    "Stationsweg",
    "Schoolstraat",
)
CITIES = ("Utrecht", "Amersfoort", "Zeist", "Houten", "Bilthoven", "Nieuwegein")


def made_up_buyer(ref: str, number: int, *, company: bool = False) -> Buyer:
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    last = LAST[(number * 7 + number // len(FIRST)) % len(LAST)] if number < len(FIRST) else last
    return Buyer(
        ref=ref,
        first_name=first,
        last_name=last,
        company=f"{last.split()[-1].capitalize()} {TRADES[number % len(TRADES)]} {FORMS[number % len(FORMS)]}"
        if company
        else "",
        vat_number=vat_number(number) if company else "",
        chamber_of_commerce=f"{30_000_000 + number * 37 % 9_999_999:08d}" if company else "",
        email=f"{first}.{last}.{number}@example.nl".lower().replace(" ", "").replace("ë", "e"),
        street=f"{STREETS[number % len(STREETS)]} {number % 180 + 1}",
        postcode=f"{3500 + number % 90} {LETTERS[number % 20]}{LETTERS[number // 20 % 20]}",
        city=CITIES[number % len(CITIES)],
        credit_account=company,
    )


def vat_number(number: int) -> str:
    """Nine digits that pass the eleven test of a Dutch VAT number; a number that fails it moves on."""
    base = 10_000_000 + number * 7919 % 89_999_999
    while True:
        digits = [int(digit) for digit in f"{base:08d}"]
        check = sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"NL{base:08d}{check}B01"
        base += 1
