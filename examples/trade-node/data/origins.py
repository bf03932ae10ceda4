"""Where the example coffee grows, and how each origin grades, screens, processes and packs it.

Only origins that pack 60 kg bags; a screen is the sieve's hole width in 1/64 inch that the beans stay on.
"""

from dataclasses import dataclass

BAG_KILOGRAMS = 60

# (packaging, tare in grams per bag)
PACKAGINGS = [
    ("jute bag", 700),
    ("jute bag", 700),
    ("jute bag with inner liner", 850),
    ("polypropylene bag", 120),
]

# About the mean price of the last month in coffee_prices_usd_per_kg.csv.
INSURED_VALUE_USD_CENTS_PER_KG = {"coffee_arabica": 463, "coffee_robusta": 205}


@dataclass(frozen=True)
class Quality:
    grade: str
    screen: str
    processing: str


@dataclass(frozen=True)
class Origin:
    commodity: str
    country: str
    """ISO 3166-1 alpha-2."""
    region: str
    crop_year: str
    qualities: list[Quality]


def arabica(country: str, region: str, crop_year: str, *qualities: Quality) -> Origin:
    return Origin("coffee_arabica", country, region, crop_year, list(qualities))


def robusta(country: str, region: str, crop_year: str, *qualities: Quality) -> Origin:
    return Origin("coffee_robusta", country, region, crop_year, list(qualities))


ORIGINS = [
    arabica("BR", "Sul de Minas", "2025/26", Quality("NY 2", "17/18", "natural"), Quality("NY 2/3", "14/16", "natural")),
    arabica("BR", "Cerrado Mineiro", "2025/26", Quality("NY 2", "17/18", "natural"), Quality("NY 3/4", "14/16", "pulped natural")),
    arabica("BR", "Mogiana", "2025/26", Quality("NY 2/3", "17/18", "natural")),
    robusta("BR", "Espírito Santo", "2025/26", Quality("Conilon 7/8", "13", "natural")),
    arabica("CN", "Pu'er, Yunnan", "2025/26", Quality("Grade 1", "16", "washed"), Quality("Grade 2", "14", "washed")),
    arabica("CN", "Baoshan, Yunnan", "2025/26", Quality("Grade 1", "16", "washed")),
    arabica("ET", "Sidama", "2025/26", Quality("Grade 2", "14", "washed"), Quality("Grade 4", "14", "natural")),
    arabica("ET", "Yirgacheffe", "2025/26", Quality("Grade 1", "15", "washed"), Quality("Grade 2", "14", "washed")),
    arabica("ET", "Jimma", "2025/26", Quality("Grade 5", "14", "natural")),
    arabica("ID", "Gayo, Aceh", "2025/26", Quality("Grade 1", "16", "wet-hulled")),
    robusta("ID", "Lampung", "2026/27", Quality("Grade 4", "14", "natural")),
    arabica("IN", "Chikmagalur, Karnataka", "2025/26", Quality("Plantation A", "17", "washed")),
    robusta("IN", "Coorg, Karnataka", "2025/26", Quality("Cherry AB", "15", "natural"), Quality("Parchment AB", "15", "washed")),
    arabica("KE", "Nyeri", "2025/26", Quality("AA", "17/18", "washed"), Quality("AB", "15/16", "washed")),
    arabica("KE", "Kirinyaga", "2025/26", Quality("AB", "15/16", "washed")),
    arabica("RW", "Western Province", "2025/26", Quality("A1", "15", "washed")),
    arabica("TZ", "Kilimanjaro", "2025/26", Quality("AA", "17/18", "washed"), Quality("B", "15/16", "washed")),
    robusta("TZ", "Kagera", "2025/26", Quality("FAQ", "14", "natural")),
    robusta("UG", "Masaka", "2025/26", Quality("Screen 18", "18", "natural"), Quality("Screen 15", "15", "natural")),
    arabica("UG", "Bugisu", "2025/26", Quality("AA", "17", "washed")),
    robusta("VN", "Đắk Lắk", "2025/26", Quality("Grade 1", "18", "natural"), Quality("Grade 1", "16", "natural"), Quality("Grade 2", "13", "natural")),
    robusta("VN", "Gia Lai", "2025/26", Quality("Grade 1", "16", "natural"), Quality("Grade 2", "13", "natural")),
    robusta("VN", "Lâm Đồng", "2025/26", Quality("Grade 1", "18", "natural"), Quality("Grade 1", "16", "washed")),
    arabica("VN", "Sơn La", "2025/26", Quality("Grade 1", "16", "washed")),
]
