"""Contracts with features that reference contracts do not show, each computed step by step as on a sheet of paper.

Plain Python with exact fractions and its own dates; nothing of the Rust code is used. `python3 compute.py` writes own.json.
"""

import json
import os
from datetime import date, timedelta
from fractions import Fraction as F

CONTRACTS = {}


def months(day, count):
    """The same day of the month so many months later, or the last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(1)).day))


def a360(start, end):
    return F((end - start).days, 360)


def a365(start, end):
    return F((end - start).days, 365)


def e30(start, end):
    return F(360 * (end.year - start.year) + 30 * (end.month - start.month) + min(end.day, 30) - min(start.day, 30), 360)


def e28(start, end):
    return F(336 * (end.year - start.year) + 28 * (end.month - start.month) + min(end.day, 28) - min(start.day, 28), 336)


def e30isda(start, end, maturity):
    last = lambda day: (day + timedelta(1)).day == 1
    first = 30 if last(start) else start.day
    second = 30 if last(end) and not (end == maturity and end.month == 2) else end.day
    return F(360 * (end.year - start.year) + 30 * (end.month - start.month) + second - first, 360)


def text(number):
    return f"{float(number):.15g}" if F(float(number)) == number else str(round(number * 10**14)) + "e-14"


def contract(name, terms, rows, **observed):
    """Rows are (day, type, payoff, notional, rate, accrued)."""
    terms = {"contractID": name, "contractRole": "RPA", "currency": "CNY", **terms}
    results = []
    for day, kind, payoff, notional, *rest in rows:
        row = {"eventDate": f"{day}T00:00:00", "eventType": kind, "payoff": text(F(payoff)), "notionalPrincipal": text(F(notional))}
        if terms["contractType"] in ("CEG", "CEC"):
            row["exerciseAmount"] = text(F(rest[0]))
            if len(rest) > 1:
                row["exerciseDate"] = f"{rest[1]}T00:00:00"
        else:
            row["nominalInterestRate"], row["accruedInterest"] = text(F(rest[0])), text(F(rest[1]))
        results.append(row)
    CONTRACTS[name] = {"terms": {key: str(value) for key, value in terms.items() if not isinstance(value, list)}
                       | {key: value for key, value in terms.items() if isinstance(value, list)}, **observed, "results": results}


def series(code, points):
    return {code: {"identifier": code, "data": [{"timestamp": f"{day}", "value": value} for day, value in points]}}


# 1. A fee on the notional accrues beside interest; both are paid each quarter.
start, first, end = date(2026, 1, 5), date(2026, 4, 5), date(2026, 7, 5)
rows = [(start, "IED", -100_000, 100_000, F("0.06"), 0)]
for a, b in [(start, first), (first, end)]:
    interest = 100_000 * F("0.06") * a360(a, b)
    rows += [(b, "FP", 100_000 * F("0.01") * a360(a, b), 100_000, F("0.06"), interest), (b, "IP", interest, 100_000, F("0.06"), 0)]
rows.append((end, "MD", 100_000, 0, F("0.06"), 0))
contract("fee-on-notional", dict(contractType="PAM", statusDate="2026-01-01", initialExchangeDate=start, maturityDate=end,
         notionalPrincipal=100_000, nominalInterestRate="0.06", dayCountConvention="A360", cycleOfInterestPayment="P3ML1",
         feeRate="0.01", feeBasis="N", cycleAnchorDateOfFee=first, cycleOfFee="P3ML1"), rows)

# 2. A fee of an amount, borrowed money, settled in another currency.
rate = F("0.14")
rows = [(date(2026, 1, 5), "IED", 5000 * rate, -5000, F("0.04"), 0)]
half = 5000 * F("0.04") * F(1, 2)
rows += [(date(2026, 7, 5), "FP", -25 * rate, -5000, F("0.04"), -half), (date(2026, 7, 5), "IP", -half * rate, -5000, F("0.04"), 0),
         (date(2026, 7, 5), "MD", -5000 * rate, 0, F("0.04"), 0)]
contract("fee-of-an-amount", dict(contractType="PAM", contractRole="RPL", statusDate="2026-01-01", initialExchangeDate="2026-01-05",
         maturityDate="2026-07-05", notionalPrincipal=5000, nominalInterestRate="0.04", dayCountConvention="30E/360",
         feeRate="25", feeBasis="A", settlementCurrency="USD"), rows, dataObserved=series("CNY/USD", [("2026-01-01", "0.14")]))

# 3. Resets within the bounds of a period and of the life; the first rate is fixed already.
market = [("2026-04-01", "0.9"), ("2026-07-01", "0.030"), ("2026-10-01", "0.040"), ("2027-01-01", "0.010"), ("2027-04-01", "0.001")]
r, accrued, rows = F("0.03"), F(0), [(date(2026, 1, 1), "IED", -1000, 1000, F("0.03"), 0)]
day = date(2026, 1, 1)
for when, value in market:
    at = date.fromisoformat(when)
    accrued += 1000 * r * e30(day, at)
    day = at
    if when == "2026-04-01":
        r, kind = F("0.032"), "RRF"
    else:
        target = F(value) * 1 + F("0.01")
        change = min(max(target - r, F("-0.02")), F("0.004"))
        r, kind = min(max(r + change, F("0.015")), F("0.038")), "RR"
    rows.append((at, kind, 0, 1000, r, accrued))
end = date(2027, 7, 1)
accrued += 1000 * r * e30(day, end)
rows += [(end, "IP", accrued, 1000, r, 0), (end, "MD", 1000, 0, r, 0)]
contract("bounded-resets", dict(contractType="PAM", statusDate="2025-12-31", initialExchangeDate="2026-01-01", maturityDate=end,
         notionalPrincipal=1000, nominalInterestRate="0.03", dayCountConvention="30E360", cycleOfRateReset="P1QL1",
         marketObjectCodeOfRateReset="LPR", rateSpread="0.01", nextResetRate="0.032", lifeCap="0.038", lifeFloor="0.015",
         periodCap="0.004", periodFloor="-0.02"), rows, dataObserved=series("LPR", market))

# 4. Part is repaid early, with a penalty; what is left is paid as before until nothing is.
rows = [(date(2026, 1, 1), "IED", -4000, 4000, F("0.12"), 0)]
left, accrued, day = F(4000), F(0), date(2026, 1, 1)
for at, kind in [(date(2026, 2, 1), "PR"), (date(2026, 2, 15), "PP"), (date(2026, 3, 1), "PR"), (date(2026, 4, 1), "PR")]:
    accrued += left * F("0.12") * a365(day, at)
    day = at
    if kind == "PP":
        rows.append((at, "PY", 50, left, F("0.12"), accrued))
        left -= 2500
        rows.append((at, "PP", 2500, left, F("0.12"), accrued))
        continue
    paid = min(F(1000), left)
    left -= paid
    rows += [(at, "PR", paid, left, F("0.12"), accrued), (at, "IP", accrued, left, F("0.12"), 0)]
    accrued = F(0)
rows += [(date(2026, 5, 1), "IP", 0, 0, F("0.12"), 0), (date(2026, 5, 1), "MD", 0, 0, F("0.12"), 0)]
contract("prepaid", dict(contractType="LAM", statusDate="2025-12-31", initialExchangeDate="2026-01-01", maturityDate="2026-05-01",
         notionalPrincipal=4000, nominalInterestRate="0.12", dayCountConvention="A365", cycleOfInterestPayment="P1ML1",
         cycleOfPrincipalRedemption="P1ML1", nextPrincipalRedemptionPayment=1000, prepaymentEffect="M", penaltyType="A",
         penaltyRate=50), rows, eventsObserved=[{"time": "2026-02-15", "type": "PP", "value": 2500, "contractId": "prepaid"}])

# 5. Interest is capitalised until maturity, and paid with the principal.
left, rows, day = F(1000), [(date(2026, 1, 31), "IED", -1000, 1000, F("0.05"), 0)], date(2026, 1, 31)
for at in (date(2026, 4, 30), date(2026, 7, 31), date(2026, 10, 31)):
    left += left * F("0.05") * a360(day, at)
    day = at
    rows.append((at, "IPCI", 0, left, F("0.05"), 0))
rows.append((date(2026, 10, 31), "MD", left, 0, F("0.05"), 0))
contract("capitalised", dict(contractType="PAM", statusDate="2026-01-01", initialExchangeDate="2026-01-31", maturityDate="2026-10-31",
         notionalPrincipal=1000, nominalInterestRate="0.05", dayCountConvention="A/360", cycleAnchorDateOfInterestPayment="2026-04-30",
         cycleOfInterestPayment="P3ML0", endOfMonthConvention="EOM", capitalizationEndDate="2026-10-31"), rows)

# 6. Every 28 days over a year of 336.
rows, left, day = [(date(2026, 1, 2), "IED", -900, 900, F("0.1"), 0)], F(900), date(2026, 1, 2)
for count in (1, 2):
    at = date(2026, 1, 2) + timedelta(28 * count)
    interest = left * F("0.1") * e28(day, at)
    left, day = left - 300, at
    rows += [(at, "PR", 300, left, F("0.1"), interest), (at, "IP", interest, left, F("0.1"), 0)]
at = date(2026, 1, 2) + timedelta(84)
rows += [(at, "IP", left * F("0.1") * e28(day, at), left, F("0.1"), 0), (at, "MD", left, 0, F("0.1"), 0)]
contract("months-of-28-days", dict(contractType="LAM", statusDate="2026-01-01", initialExchangeDate="2026-01-02",
         notionalPrincipal=900, nominalInterestRate="0.1", dayCountConvention="28E336", cycleOfInterestPayment="P4WL1",
         cycleAnchorDateOfPrincipalRedemption="2026-01-30", cycleOfPrincipalRedemption="P28DL1",
         nextPrincipalRedemptionPayment=300), rows)

# 7. Paid on business days, counted to the days that were scheduled: 31 January and 28 February 2026 are Saturdays.
rows, day = [(date(2025, 12, 31), "IED", -1000, 1000, F("0.06"), 0)], date(2025, 12, 31)
for scheduled, paid in [(date(2026, 1, 31), date(2026, 1, 30)), (date(2026, 2, 28), date(2026, 2, 27)),
                        (date(2026, 3, 31), date(2026, 3, 31)), (date(2026, 4, 30), date(2026, 4, 30))]:
    rows.append((paid, "IP", 1000 * F("0.06") * a365(day, scheduled), 1000, F("0.06"), 0))
    day = scheduled
rows.append((date(2026, 4, 30), "MD", 1000, 0, F("0.06"), 0))
contract("calculate-then-shift", dict(contractType="PAM", statusDate="2025-12-30", initialExchangeDate="2025-12-31",
         maturityDate="2026-04-30", notionalPrincipal=1000, nominalInterestRate="0.06", dayCountConvention="A365", calendar="MF",
         businessDayConvention="CSMF", cycleOfInterestPayment="P1ML1"), rows)

# 8. A long stub takes up the last full quarter, also where the maturity is a Sunday; sold before it ends.
rows, day = [(date(2026, 1, 1), "IED", -990, 1000, F("0.08"), 0)], date(2026, 1, 1)
for at in (date(2026, 4, 1), date(2026, 7, 1)):
    rows.append((at, "IP", 1000 * F("0.08") * e30(day, at), 1000, F("0.08"), 0))
    day = at
rows.append((date(2026, 10, 20), "TD", 1005 + 1000 * F("0.08") * e30(day, date(2026, 10, 20)), 0, F("0.08"), 0))
contract("long-stub-sold", dict(contractType="PAM", statusDate="2025-12-31", initialExchangeDate="2026-01-01", maturityDate="2026-11-15",
         notionalPrincipal=1000, premiumDiscountAtIED=-10, nominalInterestRate="0.08", dayCountConvention="30E360",
         cycleOfInterestPayment="P3ML0", terminationDate="2026-10-20", priceAtTerminationDate=1005), rows)

# 9. A deposit is drawn on; interest is added to it each month until the last payment.
left, accrued, day = F(1000), F(0), date(2026, 1, 10)
rows = [(day, "IED", -1000, 1000, F("0.03"), 0)]
for at, kind, value in [(date(2026, 2, 10), "IPCI", 0), (date(2026, 2, 20), "PR", 400), (date(2026, 3, 10), "IPCI", 0),
                        (date(2026, 3, 15), "PI", -100), (date(2026, 3, 31), "PR", 200)]:
    accrued += left * F("0.03") * a365(day, at)
    day = at
    if kind == "IPCI":
        left, accrued = left + accrued, F(0)
    left -= value
    rows.append((at, kind, value, left, F("0.03"), accrued))
contract("drawn-deposit", dict(contractType="UMP", statusDate="2026-01-01", initialExchangeDate="2026-01-10", notionalPrincipal=1000,
         nominalInterestRate="0.03", dayCountConvention="A365", cycleOfInterestPayment="P1ML1", xDayNotice="P1M"), rows,
         to="2026-12-31", eventsObserved=[{"time": "2026-02-20", "type": "PR", "value": 400}, {"time": "2026-03-15", "type": "PI",
         "value": -100}, {"time": "2026-03-31", "type": "PR", "value": 200}])

# 10. Principal out and in by arrays; first a spread over the market's rate, then a rate.
rows = [(date(2026, 1, 1), "IED", -100, 100, F("0.05"), 0)]
left, r, day = F(100), F("0.05"), date(2026, 1, 1)
for at, kind, move, reset in [(date(2026, 4, 1), "PI", 50, None), (date(2026, 7, 1), "PR", -75, ("RR", F("0.02") + F("0.03"))),
                              (date(2026, 8, 1), "PR", -25, None), (date(2026, 9, 1), "PR", -25, ("RRF", F("0.07")))]:
    interest = left * r * e30(day, at)
    left, day = left + move, at
    rows += [(at, kind, -move, left, r, interest), (at, "IP", interest, left, r, 0)]
    if reset is not None:
        r = reset[1]
        rows.append((at, reset[0], 0, left, r, 0))
at = date(2026, 10, 1)
rows += [(at, "IP", left * r * e30(day, at), left, r, 0), (at, "MD", left, 0, r, 0)]
contract("arrays", dict(contractType="LAX", statusDate="2025-12-31", initialExchangeDate="2026-01-01", notionalPrincipal=100,
         nominalInterestRate="0.05", dayCountConvention="30E360", arrayCycleAnchorDateOfInterestPayment=["2026-04-01", "2026-07-01"],
         arrayCycleOfInterestPayment=["P3ML1", "P1ML1"], arrayCycleAnchorDateOfPrincipalRedemption=["2026-04-01", "2026-07-01",
         "2026-08-01"], arrayCycleOfPrincipalRedemption=["P3ML1", "P1ML1", "P1ML1"],
         arrayNextPrincipalRedemptionPayment=[50, 75, 25], arrayIncreaseDecrease=["INC", "DEC", "DEC"],
         arrayCycleAnchorDateOfRateReset=["2026-07-01", "2026-09-01"], arrayRate=["0.03", "0.07"],
         arrayFixedVariable=["VAR", "FIX"], marketObjectCodeOfRateReset="LPR"), rows,
         dataObserved=series("LPR", [("2026-06-15", "0.02")]))

# 11. A balloon: equal payments as if over a year, all that is left at the end of February; a rate of 30E/360 ISDA.
start, maturity, r = date(2026, 8, 31), date(2027, 2, 28), F("0.06")
times = [months(start, count) for count in range(1, 13)]
growth = [1 + r * e30isda(a, b, maturity) for a, b in zip(times, times[1:])]
weight = total = F(1)
for g in reversed(growth):
    weight *= g
    total += weight
payment = (12_000 + 12_000 * r * e30isda(start, times[0], maturity)) * weight / total
rows, left, day = [(start, "IED", -12_000, 12_000, r, 0)], F(12_000), start
rows.append((date(2026, 9, 29), "PRF", 0, left, r, left * r * e30isda(start, date(2026, 9, 29), maturity)))
for at in times[:5]:
    interest = left * r * e30isda(day, at, maturity)
    left, day = left - (payment - interest), at
    rows += [(at, "PR", payment - interest, left, r, interest), (at, "IP", interest, left, r, 0)]
rows += [(maturity, "IP", left * r * e30isda(day, maturity, maturity), left, r, 0), (maturity, "MD", left, 0, r, 0)]
contract("balloon", dict(contractType="ANN", statusDate="2026-08-30", initialExchangeDate=start, maturityDate=maturity,
         amortizationDate="2027-08-31", notionalPrincipal=12_000, nominalInterestRate="0.06", dayCountConvention="30E360ISDA",
         cycleAnchorDateOfPrincipalRedemption="2026-09-30", cycleOfPrincipalRedemption="P1ML1", endOfMonthConvention="EOM",
         cycleOfInterestPayment="P1ML1"), rows)

# 12. A guarantee of 80 % with a fee on it, called when the covered loan defaults.
covered = dict(contractType="PAM", contractID="loan", contractRole="RPL", statusDate="2026-01-01", initialExchangeDate="2026-01-02",
               maturityDate="2027-01-02", notionalPrincipal="1000", nominalInterestRate="0.05", dayCountConvention="A360",
               cycleOfInterestPayment="P6ML1", currency="CNY")
fee = lambda a, b, n: n * F("0.02") * a365(a, b)
exposure = lambda at, since: F("0.8") * (1000 + 1000 * F("0.05") * a360(since, at))
first, call = date(2026, 4, 3), date(2026, 5, 20)
at_purchase, at_fee, at_call = (exposure(day, date(2026, 1, 2)) for day in (date(2026, 1, 3), first, call))
last_fee = fee(first, call, at_fee)
rows = [(date(2026, 1, 3), "PRD", -7, at_purchase, 0), (first, "FP", fee(date(2026, 1, 3), first, at_purchase), at_fee, 0),
        (call, "FP", last_fee, at_call, 0), (call, "XD", 0, at_call, at_call, call),
        (date(2026, 6, 1), "STD", at_call + fee(call, date(2026, 5, 30), at_call), 0, at_call, call)]
contract("guarantee-with-fee", dict(contractType="CEG", contractRole="BUY", statusDate="2026-01-01", purchaseDate="2026-01-03",
         priceAtPurchaseDate=7, coverageOfCreditEnhancement="0.8", guaranteedExposure="NI", creditEventTypeCovered="DF",
         feeRate="0.02", feeBasis="N", cycleOfFee="P3ML1", dayCountConvention="A365", settlementPeriod="P10D", calendar="MF",
         businessDayConvention="CSF", contractStructure=[{"object": covered, "referenceType": "CNT", "referenceRole": "COVE"}]), rows,
         eventsObserved=[{"time": "2026-05-20", "type": "CE", "contractId": "loan", "states": {"contractPerformance": "DF"}}])

# 13. Principal and interest follow an index.
rows, left, scale, day = [(date(2026, 1, 1), "IED", -300, 300, F("0.1"), 0)], F(300), F(1), date(2026, 1, 1)
for at, index in [(date(2026, 7, 1), 110), (date(2027, 1, 1), 121)]:
    interest = left * F("0.1") * e30(day, at)
    left, day = left - 100, at
    rows += [(at, "PR", 100 * scale, left, F("0.1"), interest), (at, "IP", interest * scale, left, F("0.1"), 0),
             (at, "SC", 0, left, F("0.1"), 0)]
    scale = F(index, 100)
at = date(2027, 7, 1)
rows += [(at, "IP", left * F("0.1") * e30(day, at) * scale, left, F("0.1"), 0), (at, "MD", left * scale, 0, F("0.1"), 0)]
contract("indexed", dict(contractType="LAM", statusDate="2025-12-31", initialExchangeDate="2026-01-01", maturityDate="2027-07-01",
         notionalPrincipal=300, nominalInterestRate="0.1", dayCountConvention="30E360", cycleOfInterestPayment="P1HL1",
         cycleOfPrincipalRedemption="P6ML1", cycleOfScalingIndex="P6ML1", scalingEffect="IN0",
         marketObjectCodeOfScalingIndex="CPI", scalingIndexAtContractDealDate=100), rows,
         dataObserved=series("CPI", [("2026-06-30", "110"), ("2027-01-01", "121")]))

# 14. Seen in the middle of its life: accrued since the last payment, an amount left that is paid in equal parts.
rows, left, day, r = [], F(900), date(2026, 3, 1), F("0.09")
for at in (date(2026, 4, 1), date(2026, 5, 1)):
    interest = left * r * a360(day, at)
    left, day = left - 300, at
    rows += [(at, "PR", 300, left, r, interest), (at, "IP", interest, left, r, 0)]
at = date(2026, 6, 1)
rows += [(at, "IP", left * r * a360(day, at), left, r, 0), (at, "MD", left, 0, r, 0)]
contract("in-mid-life", dict(contractType="LAM", statusDate="2026-03-10", initialExchangeDate="2026-01-01", maturityDate="2026-06-01",
         notionalPrincipal=900, nominalInterestRate="0.09", dayCountConvention="A360", cycleAnchorDateOfInterestPayment="2026-02-01",
         cycleOfInterestPayment="P1ML1", cycleAnchorDateOfPrincipalRedemption="2026-02-01", cycleOfPrincipalRedemption="P1ML1"), rows)

if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "own.json"), "w", encoding="utf-8") as out:
        json.dump(CONTRACTS, out, indent=1, ensure_ascii=False)
        out.write("\n")
