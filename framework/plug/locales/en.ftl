# Texts of the framework. The English sentence of a rule comes with the refusal itself, which knows its facts;
# here stand the rule's general words.
AMOUNT_OVERFLOW = The amount is larger than the ledger holds; split it.
AMOUNT_INSUFFICIENT = There is less than is asked.
AMOUNT_NEGATIVE = The amount is negative; give the positive amount.
AMOUNT_BELOW_SCALE = The amount has more decimal places than the asset; round it first.
AMOUNT_NOT_A_NUMBER = The amount is not a decimal number.
AMOUNT_SCALE = The scale is over 9 decimal places.
