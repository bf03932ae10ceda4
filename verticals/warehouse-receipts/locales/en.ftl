# Texts of the warehouse receipts.
warehouse-receipts-title = Warehouse receipts

# Lots.
LOT_COMMAND_UNKNOWN = The contract of lots has no such command.
LOT_STATES = The command does not allow these states.
LOT_FIELD_MISSING = A field that every lot has is missing.
LOT_CODE_MALFORMED = A code has not the form of its list.
LOT_MASS_ZERO = A lot holds at least one kilogram.
LOT_BAG_ARITHMETIC = Bags and mass of the lot do not say the same.
LOT_GROSS_BELOW_NET = Gross mass is at least net mass.
LOT_MOISTURE_RANGE = Moisture is at most the whole.
LOT_DEPOSITOR_IS_OPERATOR = A warehouse keeps goods of others, not its own.
LOT_FRAME_DIFFERS = A lot belongs to its operator, and its depositor takes part.
LOT_CHANGED = Booking changes only what has been receipted.
LOT_NO_RECEIPT = A lot changes only for receipts.
LOT_BOOKED_DIFFERS = The lot's books do not fit the receipts of the transaction.
RECEIPT_LOT_OVERISSUED = Receipts would stand for more than lies in the lot; ask for at most the rest.

# Receipts.
RECEIPT_COMMAND_UNKNOWN = The contract of receipts has no such command.
RECEIPT_STATES = The command does not allow these states.
RECEIPT_FIELD_MISSING = A field that the law asks of every receipt is missing.
RECEIPT_HOLDER_IS_OPERATOR = A receipt is held by another party than its operator.
RECEIPT_MASS_ZERO = A receipt stands for at least one kilogram.
RECEIPT_BAG_ARITHMETIC = Bags and mass of the receipt do not say the same.
RECEIPT_TERM_ORDER = The storage term ends before it begins.
RECEIPT_ISSUE_DATE = A receipt is issued within its storage term.
RECEIPT_EFFECTIVE_DATE = A receipt takes effect on the day it is issued.
RECEIPT_INSURANCE_ORDER = The insurance ends before it begins.
RECEIPT_LOSS_STANDARD_RANGE = The loss allowed is at most the whole.
RECEIPT_FRAME_DIFFERS = A receipt belongs to its operator, and its depositor takes part.
RECEIPT_LOT_MISSING = A receipt is issued together with its lot.
RECEIPT_LOT_DIFFERS = The receipt says something else than its lot.
RECEIPT_TITLE_MISSING = A receipt is issued together with its title.
RECEIPT_TITLE_COUNT = Each receipt has one title.
RECEIPT_TITLE_DIFFERS = The title says something else than its receipt.
RECEIPT_UNKNOWN = There is no such receipt that you may see.
RECEIPT_OPERATOR_NEEDED = Two operators have issued this number; name the operator.
RECEIPT_MOVED = The receipt has just changed; ask for it again.
RECEIPT_LOT_UNKNOWN = The lot is not on the ledger yet; describe it with its first receipt.
RECEIPT_LOT_DESCRIBED_OTHERWISE = The lot is on the ledger with another description.
RECEIPT_PLEDGE_UNKNOWN = There is no pledge of this receipt that you may see.
RECEIPT_UNIT = Receipts are in kilograms.

# Imports.
IMPORT_NOT_UTF8 = A cell is not UTF-8.
IMPORT_COLUMN_COUNT = The line has too few or too many columns.
IMPORT_FIELD_EMPTY = A cell is empty.
IMPORT_NEGATIVE = A number is below zero.
IMPORT_FRACTION = A number has a fraction where whole ones are counted.
IMPORT_NOT_A_NUMBER = A cell is no number in its bounds.
IMPORT_NOT_A_DATE = A cell is no day of the calendar.
IMPORT_DUPLICATE = The number stands in the file twice.
