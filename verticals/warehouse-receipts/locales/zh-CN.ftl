# 仓单文本。
warehouse-receipts-title = 大宗商品仓单

# 货批。
LOT_COMMAND_UNKNOWN = 货批合约没有该命令。
LOT_STATES = 该命令不允许这些状态。
LOT_FIELD_MISSING = 货批缺少必填项。
LOT_CODE_MALFORMED = 编码格式不符合代码表。
LOT_MASS_ZERO = 货批至少为一千克。
LOT_BAG_ARITHMETIC = 货批的件数与质量不一致。
LOT_GROSS_BELOW_NET = 毛重不得小于净重。
LOT_MOISTURE_RANGE = 水分不得超过百分之百。
LOT_DEPOSITOR_IS_OPERATOR = 保管人只保管他人的货物。
LOT_FRAME_DIFFERS = 货批归保管人登记，存货人参与。
LOT_CHANGED = 登记时只能改变已开单数量。
LOT_NO_RECEIPT = 货批只因开立仓单而变更。
LOT_BOOKED_DIFFERS = 货批账面与本交易的仓单不符。
RECEIPT_LOT_OVERISSUED = 仓单数量将超过货批存量；最多只能开立剩余部分。

# 仓单。
RECEIPT_COMMAND_UNKNOWN = 仓单合约没有该命令。
RECEIPT_STATES = 该命令不允许这些状态。
RECEIPT_FIELD_MISSING = 缺少法律规定的仓单记载事项。
RECEIPT_HOLDER_IS_OPERATOR = 仓单持有人不得为保管人本身。
RECEIPT_MASS_ZERO = 仓单至少为一千克。
RECEIPT_BAG_ARITHMETIC = 仓单的件数与质量不一致。
RECEIPT_TERM_ORDER = 储存期限的结束早于开始。
RECEIPT_ISSUE_DATE = 填发日期应在储存期限之内。
RECEIPT_EFFECTIVE_DATE = 仓单自填发之日起生效。
RECEIPT_INSURANCE_ORDER = 保险期间的结束早于开始。
RECEIPT_LOSS_STANDARD_RANGE = 损耗标准不得超过百分之百。
RECEIPT_FRAME_DIFFERS = 仓单归保管人登记，存货人参与。
RECEIPT_LOT_MISSING = 仓单须与其货批一并开立。
RECEIPT_LOT_DIFFERS = 仓单与其货批的记载不一致。
RECEIPT_TITLE_MISSING = 仓单须与其货权一并开立。
RECEIPT_TITLE_COUNT = 每张仓单对应一份货权。
RECEIPT_TITLE_DIFFERS = 货权与其仓单的记载不一致。
RECEIPT_UNKNOWN = 没有您可查看的该仓单。
RECEIPT_OPERATOR_NEEDED = 有两个保管人开立过该编号；请指明保管人。
RECEIPT_MOVED = 仓单刚刚发生变更；请重新查询。
RECEIPT_LOT_UNKNOWN = 该货批尚未上账；请随第一张仓单描述货批。
RECEIPT_LOT_DESCRIBED_OTHERWISE = 该货批已以其他描述上账。
RECEIPT_PLEDGE_UNKNOWN = 没有您可查看的该仓单质押。
RECEIPT_UNIT = 仓单以千克计量。

# 导入。
IMPORT_NOT_UTF8 = 单元格不是 UTF-8。
IMPORT_COLUMN_COUNT = 该行的列数不对。
IMPORT_FIELD_EMPTY = 单元格为空。
IMPORT_NEGATIVE = 数字为负。
IMPORT_FRACTION = 应为整数的数字带有小数。
IMPORT_NOT_A_NUMBER = 单元格不是有效范围内的数字。
IMPORT_NOT_A_DATE = 单元格不是有效日期。
IMPORT_DUPLICATE = 该编号在文件中出现两次。
