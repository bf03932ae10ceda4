# 框架文本。
AMOUNT_OVERFLOW = 金额超过账本所能记录的上限，请拆分。
AMOUNT_INSUFFICIENT = 可用数量不足。
AMOUNT_NEGATIVE = 金额为负；请填写正数。
AMOUNT_BELOW_SCALE = 金额的小数位数超过该资产的精度，请先取整。
AMOUNT_NOT_A_NUMBER = 金额不是十进制数。
AMOUNT_SCALE = 精度不得超过 9 位小数。
