"""Charts of accounts, VAT codes and journals of the seeded companies."""

from decimal import Decimal

# code, description, type, balance side, balance or profit-and-loss, default VAT code of the numbered scheme
DUTCH_LEDGERS: tuple[tuple[str, str, int, str, str], ...] = (
    ("0500", "Eigen vermogen", 50, "C", "B"),
    ("1000", "Kas (eigen rekening van het kasboek)", 10, "D", "B"),
    ("1100", "Bank", 12, "D", "B"),
    ("1300", "Debiteuren", 20, "D", "B"),
    ("1310", "Debiteuren groothandel", 20, "D", "B"),
    ("1500", "Te betalen btw 21%", 24, "C", "B"),
    ("1501", "Te betalen btw 9%", 24, "C", "B"),
    ("1502", "Te betalen btw overig (BE 12/6, enz.)", 24, "C", "B"),
    ("1520", "Te vorderen btw", 24, "D", "B"),
    ("1600", "Crediteuren", 22, "C", "B"),
    ("2000", "Kruisposten PIN", 90, "D", "B"),
    ("2001", "Kruisposten contant (lade)", 90, "D", "B"),
    ("2002", "Kruisposten creditcard", 90, "D", "B"),
    ("2003", "Kruisposten iDEAL/online", 90, "D", "B"),
    ("2004", "Kruisposten Klarna", 90, "D", "B"),
    ("2005", "Kruisposten vreemde valuta", 90, "D", "B"),
    ("2006", "Betalingen op open bonnen", 90, "D", "B"),
    ("2010", "Kruisposten afstorting bank", 90, "D", "B"),
    ("2100", "Uitgegeven cadeaukaarten (MPV)", 90, "C", "B"),
    ("2110", "Tegoedbonnen / store credit", 90, "C", "B"),
    ("2120", "Vooruitontvangen (aanbetaling)", 90, "C", "B"),
    ("2130", "Door te betalen fooien", 90, "C", "B"),
    ("2140", "Statiegeld", 90, "C", "B"),
    ("2990", "Tussenrekening oud (niet meer gebruiken)", 90, "C", "B"),
    ("3000", "Voorraad handelsgoederen", 40, "D", "B"),
    ("4000", "Lonen en salarissen", 125, "D", "W"),
    ("4100", "Huur winkelpand", 121, "D", "W"),
    ("4400", "Transactiekosten betaalmiddelen", 121, "D", "W"),
    ("4490", "Afrondingsverschillen", 121, "D", "W"),
    ("4495", "Kasverschillen", 121, "D", "W"),
    ("4500", "Reclame en promotie", 121, "D", "W"),
    ("4590", "Kosten kleine kas", 121, "D", "W"),
    ("4650", "Personeelsverstrekkingen", 126, "D", "W"),
    ("7000", "Kostprijs omzet", 111, "D", "W"),
    ("7050", "Inkoop margegoederen (van particulieren)", 111, "D", "W"),
    ("8000", "Omzet 21%", 110, "C", "W"),
    ("8001", "Omzet 21% groep B", 110, "C", "W"),
    ("8010", "Omzet 9%", 110, "C", "W"),
    ("8020", "Omzet 0% / intracommunautair", 110, "C", "W"),
    ("8030", "Omzet export", 110, "C", "W"),
    ("8040", "Omzet margegoederen", 110, "C", "W"),
    ("8050", "Omzet vrijgesteld", 110, "C", "W"),
    ("8060", "Omzet BE 12%", 110, "C", "W"),
    ("8061", "Omzet BE 6%", 110, "C", "W"),
    ("8070", "Logies 21%", 110, "C", "W"),
    ("8071", "Logies 9% (t/m 2025)", 110, "C", "W"),
)
BELGIAN_LEDGERS: tuple[tuple[str, str, int, str, str], ...] = (
    ("100000", "Geplaatst kapitaal", 50, "C", "B"),
    ("340000", "Handelsgoederen", 40, "D", "B"),
    ("400000", "Handelsdebiteuren", 20, "D", "B"),
    ("411000", "Terug te vorderen btw", 24, "D", "B"),
    ("440000", "Leveranciers", 22, "C", "B"),
    ("451000", "Te betalen btw 21%", 24, "C", "B"),
    ("451001", "Te betalen btw 12%", 24, "C", "B"),
    ("451002", "Te betalen btw 6%", 24, "C", "B"),
    ("460000", "Ontvangen vooruitbetalingen", 90, "C", "B"),
    ("488000", "Uitgegeven geschenkbonnen", 90, "C", "B"),
    ("488100", "Tegoedbonnen klanten", 90, "C", "B"),
    ("489000", "Door te storten fooien", 90, "C", "B"),
    ("550000", "Bank", 12, "D", "B"),
    ("570000", "Kas", 10, "D", "B"),
    ("580000", "Interne overboekingen Bancontact", 90, "D", "B"),
    ("580001", "Interne overboekingen contant", 90, "D", "B"),
    ("580002", "Interne overboekingen kredietkaarten", 90, "D", "B"),
    ("580003", "Interne overboekingen online", 90, "D", "B"),
    ("580010", "Interne overboekingen storting bank", 90, "D", "B"),
    ("604000", "Aankopen handelsgoederen", 111, "D", "W"),
    ("612000", "Diverse kosten", 121, "D", "W"),
    ("613000", "Publiciteit en promotie", 121, "D", "W"),
    ("623000", "Personeelsverstrekkingen", 126, "D", "W"),
    ("640000", "Afrondingsverschillen", 121, "D", "W"),
    ("641000", "Kasverschillen", 121, "D", "W"),
    ("653000", "Bankkosten en commissies kaarten", 121, "D", "W"),
    ("700000", "Verkopen 21%", 110, "C", "W"),
    ("700100", "Verkopen 12%", 110, "C", "W"),
    ("700200", "Verkopen 6%", 110, "C", "W"),
    ("700300", "Verkopen 0% / intracommunautair", 110, "C", "W"),
    ("700400", "Verkopen export", 110, "C", "W"),
    ("700500", "Verkopen vrijgesteld", 110, "C", "W"),
)

Rates = tuple[tuple[str, str], ...]  # start date, percentage; each holds until the next
HIGH: Rates = (("2001-01-01", "0.19"), ("2012-10-01", "0.21"))
LOW: Rates = (("2001-01-01", "0.06"), ("2019-01-01", "0.09"))
NIL: Rates = (("2001-01-01", "0"),)
FLAT_21: Rates = (("2001-01-01", "0.21"),)
FLAT_12: Rates = (("2001-01-01", "0.12"),)
FLAT_06: Rates = (("2001-01-01", "0.06"),)

# code, description, type, transaction type, ledger, rates
VatRow = tuple[str, str, str, str, str, Rates]
NUMBERED: tuple[VatRow, ...] = (
    ("0", "Geen btw", "N", "B", "", NIL),
    ("1", "BTW laag tarief, exclusief 9%", "E", "B", "1501", LOW),
    ("2", "BTW hoog tarief, exclusief 21%", "E", "B", "1500", HIGH),
    ("3", "BTW laag tarief, inclusief 9%", "I", "B", "1501", LOW),
    ("4", "BTW hoog tarief, inclusief 21%", "I", "B", "1500", HIGH),
    ("5", "BTW nultarief", "B", "S", "", NIL),
    ("6", "Leveringen buiten de EU (export)", "B", "S", "", NIL),
    ("7", "Leveringen binnen de EU", "B", "S", "", NIL),
    ("8", "Margeregeling", "N", "S", "", NIL),
    ("9", "Vrijgesteld van btw", "N", "S", "", NIL),
    ("10", "Inkoop hoog tarief, exclusief 21%", "E", "P", "1520", HIGH),
    ("11", "Inkoop laag tarief, exclusief 9%", "E", "P", "1520", LOW),
    ("12", "BTW 12% (België), exclusief", "E", "S", "1502", FLAT_12),
    ("13", "BTW 6% (België), exclusief", "E", "S", "1502", FLAT_06),
    ("14", "BTW 12% (België), inclusief", "I", "S", "1502", FLAT_12),
    ("15", "BTW 6% (België), inclusief", "I", "S", "1502", FLAT_06),
    ("19", "BTW hoog tarief 19% (tot oktober 2012)", "E", "B", "1500", (("2001-01-01", "0.19"),)),
)
LETTERED: tuple[VatRow, ...] = (
    ("GB", "Geen btw", "N", "B", "", NIL),
    ("VH", "Verkoop hoog tarief, exclusief", "E", "S", "1500", HIGH),
    ("VHI", "Verkoop hoog tarief, inclusief", "I", "S", "1500", HIGH),
    ("VL", "Verkoop laag tarief, exclusief", "E", "S", "1501", LOW),
    ("VLI", "Verkoop laag tarief, inclusief", "I", "S", "1501", LOW),
    ("V0", "Verkoop nultarief", "B", "S", "", NIL),
    ("VE", "Export buiten de EU", "B", "S", "", NIL),
    ("VI", "Intracommunautaire levering", "B", "S", "", NIL),
    ("VM", "Margeregeling", "N", "S", "", NIL),
    ("VX", "Vrijgesteld van btw", "N", "S", "", NIL),
    ("B12", "Verkoop België 12%", "E", "S", "1502", FLAT_12),
    ("B6", "Verkoop België 6%", "E", "S", "1502", FLAT_06),
    ("IH", "Inkoop hoog tarief, exclusief", "E", "P", "1520", HIGH),
    ("IL", "Inkoop laag tarief, exclusief", "E", "P", "1520", LOW),
)
BELGIAN: tuple[VatRow, ...] = (
    ("0", "Geen btw", "N", "B", "", NIL),
    ("1", "Btw 21% exclusief", "E", "B", "451000", FLAT_21),
    ("2", "Btw 21% inclusief", "I", "B", "451000", FLAT_21),
    ("3", "Btw 12% exclusief", "E", "B", "451001", FLAT_12),
    ("4", "Btw 12% inclusief", "I", "B", "451001", FLAT_12),
    ("5", "Btw 6% exclusief", "E", "B", "451002", FLAT_06),
    ("6", "Btw 6% inclusief", "I", "B", "451002", FLAT_06),
    ("7", "Btw 0%", "B", "S", "", NIL),
    ("8", "Intracommunautaire leveringen", "B", "S", "", NIL),
    ("9", "Uitvoer buiten de EU", "B", "S", "", NIL),
    ("X", "Vrijgesteld (art. 44)", "N", "S", "", NIL),
    ("IM", "Aankoop handelsgoederen 21%", "E", "P", "411000", FLAT_21),
)

# code, description, type, ledger, allow VAT
JournalRow = tuple[str, str, int, str, bool]
DUTCH_JOURNALS: tuple[JournalRow, ...] = (
    ("10", "Kas", 10, "1000", False),
    ("20", "Bank", 12, "1100", False),
    ("60", "Inkoop", 22, "1600", False),
    ("70", "Verkoop", 20, "1300", False),
    ("71", "Verkoop kassa", 20, "1300", False),
    ("79", "Verkoop oud", 20, "1300", False),
    ("90", "Memoriaal", 90, "", True),
    ("92", "Memoriaal zonder btw", 90, "", False),
)
BELGIAN_JOURNALS: tuple[JournalRow, ...] = (
    ("10", "Kas", 10, "570000", False),
    ("20", "Bank", 12, "550000", False),
    ("60", "Aankopen", 22, "440000", False),
    ("70", "Verkopen", 20, "400000", False),
    ("90", "Diverse verrichtingen", 90, "", True),
    ("92", "Diverse verrichtingen zonder btw", 90, "", False),
)
BLOCKED_LEDGERS, BLOCKED_JOURNALS, BLOCKED_VAT_CODES = {"2990"}, {"79"}, {"19"}
LEDGER_VAT = {"8000": HIGH, "8001": HIGH, "8010": LOW}  # ledgers with a default VAT code of type E
ZERO = Decimal(0)
