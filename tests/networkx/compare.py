"""Compares what `hive finance netting` clears with the largest circulation that networkx finds: compare.py HIVE SEED SETS.

A circulation 0 <= f <= owed of the largest sum is a minimum-cost flow without demands at cost -1 a debt. The figures and the
net positions must be the same; which of several largest clearings is taken may differ.
"""
import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import networkx


def obligations(dice):
    """A random set: few parties, so that cycles overlap; often several obligations of one pair."""
    parties = dice.randint(2, 9)
    rows = []
    for _ in range(dice.randint(1, 30)):
        debtor, creditor = dice.sample(range(parties), 2)
        rows.append((f"P{debtor}", f"P{creditor}", dice.choice([dice.randint(1, 9), dice.randint(1, 10**6)])))
    return rows


def largest(owed):
    """The sum of the largest circulation."""
    graph = networkx.DiGraph()
    for (debtor, creditor), amount in owed.items():
        graph.add_edge(debtor, creditor, capacity=amount, weight=-1)
    return -networkx.cost_of_flow(graph, networkx.min_cost_flow(graph))


def positions(owed):
    result = {}
    for (debtor, creditor), amount in owed.items():
        result[debtor] = result.get(debtor, 0) - amount
        result[creditor] = result.get(creditor, 0) + amount
    return {party: position for party, position in result.items() if position}


def minor(text):
    return int(text.replace(".", ""))


def compare(hive, rows, folder):
    file = pathlib.Path(folder, "obligations.csv")
    with file.open("w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["debtor", "creditor", "amount", "currency", "due"])
        lines.writerows((debtor, creditor, f"{amount / 100:.2f}", "CNY", "2026-09-30") for debtor, creditor, amount in rows)
    run = subprocess.run([hive, "finance", "netting", file, "--format", "json"], capture_output=True, check=True)
    netted = json.loads(run.stdout)
    owed = {}
    for debtor, creditor, amount in rows:
        owed[debtor, creditor] = owed.get((debtor, creditor), 0) + amount
    left = {(row["debtor"], row["creditor"]): minor(row["amount"]) for row in netted["residual"]}
    assert minor(netted["gross"]) == sum(owed.values()), "gross"
    assert minor(netted["bilateral"]) == sum(max(0, a - owed.get(pair[::-1], 0)) for pair, a in owed.items()), "bilateral"
    assert minor(netted["multilateral"]) == sum(p for p in positions(owed).values() if p > 0), "multilateral"
    assert minor(netted["cleared"]) == largest(owed), "the clearing is not the largest"
    assert minor(netted["cleared"]) + sum(left.values()) == sum(owed.values()), "residual"
    assert all(amount <= owed.get(pair, 0) for pair, amount in left.items()), "a debt grew"
    assert positions(left) == positions(owed), "a net position moved"


def main(hive, seed, sets):
    dice = random.Random(int(seed))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(int(sets)):
            rows = obligations(dice)
            try:
                compare(hive, rows, folder)
            except AssertionError as difference:
                sys.exit(f"seed {seed}, set {number}: {difference}: {rows}")
    print(f"{sets} sets agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
