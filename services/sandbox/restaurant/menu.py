"""What the made-up kitchens serve: dishes, drinks, and the options and courses that go with them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dish:
    """`course`: main, drink, option (under another line), set (a menu that holds others), or other."""

    sku: str
    name: str
    price: str
    group: str
    course: str


BRASSERIE = (
    Dish("BURGER", "Burger van het huis", "16.50", "Keuken", "main"),
    Dish("BIEFSTUK", "Biefstuk met pepersaus", "24.75", "Keuken", "main"),
    Dish("ZALM", "Zalm van de grill", "23.50", "Keuken", "main"),
    Dish("RISOTTO", "Paddenstoelenrisotto", "18.95", "Keuken", "main"),
    Dish("UIENSOEP", "Franse uiensoep", "7.95", "Keuken", "main"),
    Dish("CARPACCIO", "Carpaccio", "12.75", "Keuken", "main"),
    Dish("BITTER8", "Bitterballen (8)", "8.50", "Keuken", "main"),
    Dish("TOSTI", "Tosti ham en kaas", "6.95", "Keuken", "main"),
    Dish("APPELTAART", "Appeltaart", "4.95", "Keuken", "main"),
    Dish("KOFFIE", "Koffie", "3.10", "Frisdrank en koffie", "drink"),
    Dish("CAPPU", "Cappuccino", "3.60", "Frisdrank en koffie", "drink"),
    Dish("THEE", "Verse muntthee", "3.75", "Frisdrank en koffie", "drink"),
    Dish("COLA", "Cola", "3.25", "Frisdrank en koffie", "drink"),
    Dish("SPA", "Bruiswater 75cl", "5.95", "Frisdrank en koffie", "drink"),
    Dish("BIER25", "Pils 25cl", "3.60", "Alcohol", "drink"),
    Dish("BIER50", "Pils 50cl", "6.95", "Alcohol", "drink"),
    Dish("WIT", "Glas sauvignon blanc", "5.75", "Alcohol", "drink"),
    Dish("ROOD", "Glas merlot", "5.75", "Alcohol", "drink"),
    Dish("FLESWIT", "Fles huiswijn wit", "27.50", "Alcohol", "drink"),
    Dish("GIN", "Gin-tonic", "9.75", "Alcohol", "drink"),
    Dish("KAAS", "met kaas", "1.25", "Keuken", "option"),
    Dish("SPEK", "met spek", "1.75", "Keuken", "option"),
    Dish("GLUTENVRIJ", "glutenvrij", "0.00", "Keuken", "option"),
    Dish("HAVERMELK", "met havermelk", "0.50", "Frisdrank en koffie", "option"),
    Dish("MENU3", "Driegangenmenu met wijn", "42.50", "Keuken", "set"),
    Dish("KOOKBOEK", "Kookboek De Keuken", "29.95", "Overig", "other"),
    Dish("SCHORT", "Schort", "19.95", "Overig", "other"),
)

BELGIAN = (
    Dish("STOOFVLEES", "Stoofvlees met frieten", "21.50", "Keuken", "main"),
    Dish("VIDEE", "Vidé met frieten", "19.90", "Keuken", "main"),
    Dish("MOSSELEN", "Mosselen natuur", "26.00", "Keuken", "main"),
    Dish("GARNAAL", "Garnaalkroketten", "18.50", "Keuken", "main"),
    Dish("CROQUE", "Croque monsieur", "12.40", "Keuken", "main"),
    Dish("WAFEL", "Brusselse wafel", "7.80", "Keuken", "main"),
    Dish("PINTJE", "Pintje", "2.90", "Dranken", "drink"),
    Dish("DUVEL", "Duvel", "4.80", "Dranken", "drink"),
    Dish("HUISWIJN", "Glas huiswijn", "5.20", "Dranken", "drink"),
    Dish("KOFFIE", "Koffie", "3.00", "Dranken", "drink"),
    Dish("LIMONADE", "Limonade", "3.10", "Dranken", "drink"),
    Dish("MAYO", "mayonaise", "0.90", "Keuken", "option"),
    Dish("SLAATJE", "met slaatje", "3.50", "Keuken", "option"),
    Dish("DAGMENU", "Dagmenu met glas wijn", "28.00", "Keuken", "set"),
    Dish("PRALINES", "Pralines 250 g", "14.50", "Winkel", "other"),
)
