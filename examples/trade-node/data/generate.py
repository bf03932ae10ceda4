#!/usr/bin/env python3
"""Writes the example data of the reference node: 200 coffee receipts, and a short file full of mistakes.

    python3 generate.py                  write receipts.csv and receipts_with_errors.csv beside this file
    python3 generate.py --check          compare instead of writing; exit code 1 when a file differs
    python3 generate.py --prices FILE    also write coffee_prices_usd_per_kg.csv, the last 120 months of FILE,
                                         a monthly table with the columns date, coffee_arabica, coffee_robustas

The same seed gives the same bytes on every machine. All names of companies are made up.
"""

import argparse
import csv
import datetime
import hashlib
import io
import sys
from pathlib import Path

from origins import BAG_KILOGRAMS, INSURED_VALUE_USD_CENTS_PER_KG, ORIGINS, PACKAGINGS

HERE = Path(__file__).resolve().parent
SEED = "hivechain coffee 2026"
RECEIPTS = 200
PRICE_MONTHS = 120
FIRST_INBOUND = datetime.date(2026, 3, 2)
DEPOSITOR = ("Morning Ridge Coffee Trading Co., Ltd.", "18 Lighthouse Road, Yangpu, Hainan")
ISSUER = ("Tidewater Bay Bonded Warehouse Co., Ltd.", "Yangpu, Hainan")
INSURERS = ["Blue Estuary Cargo Insurance Co., Ltd.", "Nine Lanterns Property Insurance Co., Ltd."]
STORAGE_FEE_USD_PER_TONNE_MONTH = {"TBW-01": "2.95", "TBW-02": "3.20", "TBW-03": "3.45"}
# One 20-foot container holds 320 bags; small lots and double containers occur too.
BAGS = [120, 160, 200, 240, 275, 300, 320, 320, 320, 320, 480, 640]


class Draw:
    """Draws by hashing a counter, so that no version of Python's random module changes the data."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.count = 0

    def below(self, limit: int) -> int:
        self.count += 1
        digest = hashlib.sha256(f"{self.seed}:{self.count}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % limit

    def one_of(self, items: list):
        return items[self.below(len(items))]


def storage_places(draw: Draw) -> list[tuple[str, str]]:
    """Every stack of the three warehouses once, in drawn order: no two lots stand in one place."""
    stacks = [f"bay {bay}, stack {stack:02}" for bay in "ABCDEFGH" for stack in range(1, 13)]
    free = [(warehouse, stack) for warehouse in STORAGE_FEE_USD_PER_TONNE_MONTH for stack in stacks]
    return [free.pop(draw.below(len(free))) for _ in range(RECEIPTS * 5 // 4)]


def receipt(serial: int, inbound: datetime.date, place: tuple[str, str], draw: Draw) -> dict[str, str]:
    origin = draw.one_of(ORIGINS)
    quality = draw.one_of(origin.qualities)
    packaging, tare_grams = draw.one_of(PACKAGINGS)
    bags = draw.one_of(BAGS)
    mass_kilograms = bags * BAG_KILOGRAMS
    issued = inbound + datetime.timedelta(days=1)
    until = issued.replace(year=issued.year + 1)
    # Insured at the goods' value plus ten percent, rounded up to a hundred dollars.
    insured_hundreds = -(-mass_kilograms * INSURED_VALUE_USD_CENTS_PER_KG[origin.commodity] * 110 // 1_000_000)
    return {
        "receipt_number": f"WR-2026-{serial:06}",
        "lot_number": f"{origin.country}-26-{serial:04}",
        "depositor_name": DEPOSITOR[0],
        "depositor_address": DEPOSITOR[1],
        "commodity": origin.commodity,
        "hs_code": "090111",
        "origin_country": origin.country,
        "origin_region": origin.region,
        "crop_year": origin.crop_year,
        "grade": quality.grade,
        "screen": quality.screen,
        "processing": quality.processing,
        "bags": str(bags),
        "mass_kilograms": str(mass_kilograms),
        "gross_mass_kilograms": str(mass_kilograms + -(-bags * tare_grams // 1000)),
        "moisture_basis_points": str(1040 + 5 * draw.below(40)),
        "packaging": packaging,
        "marks": f"{origin.country} {serial:04} {origin.crop_year} NOS 1-{bags}",
        "warehouse_code": place[0],
        "storage_place": place[1],
        "inbound_date": inbound.isoformat(),
        "storage_until_date": until.isoformat(),
        "loss_standard_basis_points": draw.one_of(["20", "30", "50"]),
        "storage_fee_usd_per_tonne_month": STORAGE_FEE_USD_PER_TONNE_MONTH[place[0]],
        "insurer": draw.one_of(INSURERS),
        "insured_amount_usd": f"{insured_hundreds}00.00",
        "insured_from_date": inbound.isoformat(),
        "insured_until_date": until.isoformat(),
        "issuer_name": ISSUER[0],
        "issue_place": ISSUER[1],
        "issue_date": issued.isoformat(),
    }


def receipts(first_serial: int, count: int, first_inbound: datetime.date, draw: Draw, places: list) -> list[dict[str, str]]:
    """Serials are consecutive and rise with the day, as an issuer hands them out."""
    inbound = first_inbound
    rows = []
    for serial in range(first_serial, first_serial + count):
        inbound += datetime.timedelta(days=draw.one_of([0, 0, 1, 1, 2]))
        rows.append(receipt(serial, inbound, places.pop(), draw))
    return rows


def csv_bytes(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def with_errors(rows: list[dict[str, str]]) -> bytes:
    """Twelve lines, nine of them wrong, each in its own way; README.md lists them by line number."""
    rows[1]["mass_kilograms"] = "-" + rows[1]["mass_kilograms"]
    rows[2]["mass_kilograms"] += ".5"
    rows[3]["lot_number"] = ""
    rows[4]["receipt_number"] = rows[0]["receipt_number"]
    rows[6]["inbound_date"] = "2026-02-30"
    rows[8]["mass_kilograms"] = str(int(rows[8]["mass_kilograms"]) + 1)
    rows[9]["origin_region"] = "Espírito Santo"
    rows[10]["storage_until_date"] = "2026-01-31"
    table = [list(row.values()) for row in rows]
    del table[7][-1]
    # As a spreadsheet saves it that does not know UTF-8.
    return csv_bytes([list(rows[0]), *table]).replace("Espírito".encode(), "Espírito".encode("latin-1"))


def price_extract(source: Path) -> bytes:
    with source.open(newline="", encoding="utf-8") as file:
        months = list(csv.DictReader(file))[-PRICE_MONTHS:]
    rows = [[month["date"], month["coffee_arabica"], month["coffee_robustas"]] for month in months]
    return csv_bytes([["date", "coffee_arabica", "coffee_robusta"], *rows])


def example_files(prices: Path | None) -> dict[str, bytes]:
    draw = Draw(SEED)
    places = storage_places(draw)
    good = receipts(1, RECEIPTS, FIRST_INBOUND, draw, places)
    after = datetime.date.fromisoformat(good[-1]["inbound_date"])
    files = {
        "receipts.csv": csv_bytes([list(good[0]), *(list(row.values()) for row in good)]),
        "receipts_with_errors.csv": with_errors(receipts(RECEIPTS + 1, 12, after, draw, places)),
    }
    if prices:
        files["coffee_prices_usd_per_kg.csv"] = price_extract(prices)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the example data of the reference node.")
    parser.add_argument("--check", action="store_true", help="compare with the files that are there; write nothing")
    parser.add_argument("--prices", type=Path, metavar="FILE", help="monthly price table to take the extract from")
    arguments = parser.parse_args()
    differing = []
    for name, content in example_files(arguments.prices).items():
        path = HERE / name
        if not arguments.check:
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            differing.append(name)
    if differing:
        print(f"{', '.join(differing)}: not what {Path(__file__).name} writes; run it and commit the result", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
