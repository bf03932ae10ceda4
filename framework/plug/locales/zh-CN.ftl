# 框架文本：账本与平台的每条规则一句话。数字与细节在英文句子和 details 里。

# 金额与编码。
AMOUNT_OVERFLOW = 金额超过账本所能记录的上限，请拆分。
AMOUNT_INSUFFICIENT = 可用数量不足。
AMOUNT_NEGATIVE = 金额为负；请填写正数。
AMOUNT_BELOW_SCALE = 金额的小数位数超过该资产的精度，请先取整。
AMOUNT_NOT_A_NUMBER = 金额不是十进制数。
AMOUNT_SCALE = 精度不得超过 9 位小数。
ENCODING_FIELD_MISSING = 缺少必需的字段。
ENCODING_LENGTH = 某个字段的字节长度不对。
ENCODING_MALFORMED = 这些字节不是所需的消息。
ENCODING_NOT_CANONICAL = 这些字节不是规范编码；请按字段顺序编码，不含默认值与未知字段。
ENCODING_OUT_OF_RANGE = 某个字段超出范围或格式不对。
ENCODING_TOO_LONG = 某个字段过长。
ENCODING_TOO_MANY = 某个列表的条目过多。
ENCODING_UNORDERED = 某个列表必须按升序排列且不重复。

# 密钥、策略与权限。
KEY_LENGTH = 密钥或签名的长度不对。
KEY_NOT_CANONICAL = 公钥不是曲线点的规范编码。
KEY_NOT_PRIME_ORDER = 公钥是小阶或混合阶的点；请另生成密钥。
POLICY_KEY_REFUSED = 策略中的一个密钥不可用。
POLICY_KEY_REPEATED = 同一密钥在策略中出现两次。
POLICY_TOO_DEEP = 策略嵌套过深。
POLICY_TOO_MANY_KEYS = 策略中的密钥过多。
POLICY_UNREACHABLE = 所有成员的权重之和达不到门限。
POLICY_WEIGHT = 成员的权重必须在 1 到 100 之间。
AUTHORITY_BOUND_WITHOUT_ASSET = 授权规则限定了金额却没有指明资产。
AUTHORITY_EMPTY = 授权中没有规则，谁也无法签名。
AUTHORITY_NO_COMMAND = 授权规则没有指明指令。
AUTHORITY_NO_RULE = 该方的授权中没有规则允许此指令。
AUTHORITY_POLICY = 授权规则中的策略不可用。
AUTHORITY_SIGNATURES_MISSING = 还缺少签名。
SIGNATURE_FOR_ANOTHER_PARTY = 该签名是为另一方所签；各方只能为自己签名。
SIGNATURE_INVALID = 签名无法验证；请对交易的原样字节签名。
SIGNATURE_KEY_NOT_OF_PARTY = 该密钥不属于这一方；请用该方授权内的密钥签名。
PERMISSION_MISSING = 该方在这条链上没有所需的权限；由链的管理员授予。

# 交易与区块。
TRANSACTION_CLAIM_WITHOUT_OUTPUT = 唯一性声明指向不存在的输出。
TRANSACTION_COMMAND_REPEATED = 对同一合约有两条指令；请拆分。
TRANSACTION_NO_COMMAND = 交易没有指令；变更总要向合约提出。
TRANSACTION_OTHER_CHAIN = 该交易属于另一条链。
TRANSACTION_OUTSIDE_WINDOW = 区块时间不在交易的时间窗内。
TRANSACTION_STATE_REPEATED = 同一状态在输入与引用中出现两次。
TRANSACTION_WINDOW = 时间窗必须大于 0 且不超过 30 天。
STATE_NOT_UNSPENT = 该状态已被消耗或从未存在；请读取当前状态后重新构造交易。
COMMAND_REPLAYED = 该指令此前已被接受；新的意图需要新的键。
ANCHOR_NOT_ON_CHAIN = 锚定的区块不在这条链上：其历史与签名人所见不同。
CLAIM_HELD = 该编号或凭据已在链上使用，同一时间只能使用一次。
CLAIMS_DIFFER = 交易所带的唯一性声明与合约要求的不符；请由节点填写。
CONTRACT_CHANGED_WITHOUT_COMMAND = 状态发生变化，却没有对其合约的指令。
CONTRACT_NOT_ENABLED = 该合约未在这条链上启用。
CONTRACT_UNKNOWN = 本节点不认识该合约。
GROUND_DOES_NOT_HOLD = 没有锁定或约定允许绕过所有人消耗该状态；须由所有人签名。
LOCK_WITHOUT_COMMAND = 锁定的增减没有对应的指令。

# 参与方与链。
PARTY_ADDRESS_DIFFERS = 地址与初始策略和随机数不符。
PARTY_AUTHORITY = 该方的授权不可用。
PARTY_COMMAND_UNKNOWN = 参与方合约没有此指令。
PARTY_EXISTS = 该方已经登记。
PARTY_FIRST_POLICY = 初始策略不可用。
PARTY_IDENTITY_CHANGED = 变更不得改动地址、初始策略、随机数与控制人。
PARTY_NAME_REFUSED = 名称为空、过长，或含有控制字符。
PARTY_NOT_ONE_RECORD = 一次变更只消耗并新建一条参与方记录。
PARTY_NOT_REGISTERED = 该方未在本节点的任何链上登记。
PARTY_OWNER_DIFFERS = 参与方记录归该方自己，且不带锁定。
PARTY_REGISTERS_FROM_INPUT = 登记只新建记录，不消耗记录。
PARTY_TOO_MANY = 一次查询的地址过多。
PARTY_UNKNOWN = 该方未在这条链上登记。
CHAIN_COMMAND_UNKNOWN = 链合约没有此指令。
CHAIN_NOT_SET_ANEW = 消耗了某方的权限却没有重新设定；要全部撤销请设为空。
CHAIN_OWNER_DIFFERS = 权限状态归提交授权的管理员。
CHAIN_SET_TWICE = 同一方的权限被设定两次。

# 代币、货权与质押。
TOKEN_AMOUNT_DIFFERS = 持有量的变化与指令中的数量不符。
TOKEN_COMMAND_UNKNOWN = 代币合约没有此指令。
TOKEN_DEFINITION = 代币定义不成立。
TOKEN_DEFINITION_MISSING = 交易没有引用该资产的当前定义。
TOKEN_KIND_UNKNOWN = 代币状态的类别未知。
TOKEN_LOCKED = 持有的代币已被锁定；须先由锁定人解除。
TOKEN_NOT_CONSERVED = 该资产转入与转出的总额不相等。
TOKEN_NOT_REDEEMABLE = 该资产不可赎回。
TOKEN_STATES = 该指令不允许涉及这些代币状态。
TOKEN_SUPPLY_EXCEEDED = 发行后将超过该资产的最大供应量。
TOKEN_ZERO = 数量为零；请去掉。
TOKEN_ATTESTATION = 见证内容不成立或与发行不符。
TOKEN_ATTESTATION_EXCEEDED = 发行数量超过见证的数量。
TOKEN_NOT_LISTED = 该资产只能转给名单内的各方。
TOKEN_PURPOSE_BOUND = 该资金限定了用途，须按用途使用。
TOKEN_SUPERSEDE_CHANGES = 更新定义不得改动资产、代码、精度、单位与发行人。
TOKEN_TRANSFER_RESTRICTED = 该资产的转让受限；须引用当前定义并由发行人会签。
TITLE_CHANGED = 货权内容不得改变，只能改变持有人与锁定。
TITLE_COMMAND_UNKNOWN = 货权合约没有此指令。
TITLE_HOLDER_DIFFERS = 货权的新持有人与指令所写不符。
TITLE_LOCKED = 该单证已被质押或正在要约；结束后方可再次要约。
TITLE_NOT_OFFERED = 该单证没有向任何人要约。
TITLE_NOT_SOUND = 货权内容不成立。
TITLE_OFFER_DIFFERS = 锁定与指令所述的要约不符。
TITLE_OFFER_ENDED = 要约在交易时间窗结束前已到期；请缩短时间窗或重新要约。
TITLE_OFFER_OPEN = 要约尚未到期，到期后方可撤回。
TITLE_STATES = 该指令不允许涉及这些货权状态。
TITLE_LOCKS_DIFFER = 拆分或合并后各份货权须带原有的质押。
TITLE_NOT_ALIKE = 只有同一保管人、持有人与单位的货权才能合并。
TITLE_NOT_CONSERVED = 拆分或合并前后的数量不相等。
TITLE_NOT_ENFORCED = 只有执行质权时才能取走货权。
TITLE_NUMBER_TWICE = 同一单证编号出现两次。
TITLE_PLEDGED = 货权已被质押，不能这样处理。
PLEDGE_COMMAND_UNKNOWN = 质押合约没有此指令。
PLEDGE_DIFFERS = 质押内容与其货权或指令不符。
PLEDGE_EXISTS = 该单证已被质押；解除质押后方可再次质押。
PLEDGE_OVER_RELEASE = 解押数量超过质押数量。
PLEDGE_PARTIAL_RELEASE = 部分解押时，须以剩余货权重新建立该质押。
PLEDGE_NOT_SENIOR = 只有第一顺位的质权人可以执行质权。
PLEDGE_SHRINKS = 置换后的质押数量不得减少。
PLEDGE_STATES = 该指令不允许涉及这些状态。
PLEDGE_TITLE_OFFERED = 该单证正在要约转让；要约被拒绝或到期后方可质押。

# 会签与钱包。
ACCESS_FOREIGN_PARTY = 只有该方自己可以这样做；请以该方身份登录。
ACCESS_NOT_PARTICIPANT = 没有这条链，或该方不参与这条链。
ACCESS_PERMISSION_MISSING = 需要这条链上的权限；由链的管理员授予。
IDEMPOTENCY_KEY_REFUSED = 幂等键须为 1 到 128 个可见的 ASCII 字符。
IDEMPOTENCY_KEY_REUSED = 该幂等键已用于另一份输入；请使用新的键。
PROPOSAL_COMPLETE = 提案的签名已齐，正在提交。
PROPOSAL_ENDED = 提案已经结束。
PROPOSAL_FRAME_CHANGED = 提案的提交人、指令或时间窗被改动。
PROPOSAL_INPUT_RESERVED = 一笔资金已被另一份提案占用。
PROPOSAL_KEY_NOT_IN_AUTHORITY = 该密钥不在决定此事的授权规则中。
PROPOSAL_PAGE_TOO_LARGE = 一页的条目过多。
PROPOSAL_REASON_REFUSED = 理由为空、过长，或含有控制字符。
PROPOSAL_SIGNATURE_COUNT = 一次提交的签名数量不对。
PROPOSAL_SIGNATURE_FOREIGN = 只能提交本方的签名。
PROPOSAL_SIGNATURE_INVALID = 签名无法验证；请对所给的原样字节签名。
PROPOSAL_SIGNATURE_NOT_NEEDED = 该方的签名已经足够。
PROPOSAL_SIGNATURE_NOT_REQUIRED = 该提案不需要这一方签名。
PROPOSAL_SUMMARY_TOO_LONG = 提案的摘要过长。
PROPOSAL_TOO_MANY_OPEN = 该方未结束的提案过多；请先办结或撤回一些。
PROPOSAL_UNKNOWN = 没有这份提案。
PROPOSAL_VALIDITY_REFUSED = 提案的有效期超出允许范围。
WALLET_AMOUNT_ZERO = 金额为零。
WALLET_ASSET_UNKNOWN = 没有这种资产。
WALLET_INSUFFICIENT = 可用余额不足。
WALLET_NOT_ISSUER = 只有该资产的发行人可以这样做。
WALLET_PARTY_NOT_REGISTERED = 收款方未在这条链上登记。
WALLET_PAYEE_IS_PAYER = 收款方与付款方相同。
WALLET_TOO_MANY_PIECES = 余额过于零散，请先合并。

# 冻结。
CHAIN_ORDER_TOUCHES_PERMISSIONS = 冻结令不得同时改动权限。
FREEZE_ORDER_EXISTS = 这份冻结令已经存在。
FREEZE_ORDER_UNKNOWN = 没有这份冻结令。
FREEZE_STANDS = 依据法律文书已被冻结，解冻前不能变动。

# 专款专用。
PURPOSE_CAP = 付款超过该用途的限额；须由出借人会签。
PURPOSE_CODE = 该用途代码不在约定之列。
PURPOSE_COMMAND_UNKNOWN = 专款专用合约没有此指令。
PURPOSE_DIFFERS = 专款状态与指令推得的结果不符。
PURPOSE_DOCUMENT_MISSING = 付款须附上所要求的凭据。
PURPOSE_EXPIRED = 用途已到期，只能退回出借人。
PURPOSE_NOT_YET = 用途尚未生效。
PURPOSE_PAYEE = 收款方不在约定之列。
PURPOSE_RECORD_MISSING = 缺少所要退回的付款记录。
PURPOSE_RELATED_PARTY = 收款方与借款人受同一方控制；须由出借人会签。
PURPOSE_STATES = 该指令不允许涉及这些状态。
PURPOSE_TERMS = 用途的条款不成立。
PURPOSE_VALUE_DIFFERS = 限定用途的金额与指令不符。
PURPOSE_ZERO = 金额为零；请去掉。

# 价格。
PRICE_COMMAND_UNKNOWN = 价格合约没有此指令。
PRICE_DIFFERS = 价格状态与报价推得的结果不符。
PRICE_FEED_NOT_SOUND = 价格源的定义不成立。
PRICE_JUMP = 价格跳动超过熔断幅度；须由全体报价方确认。
PRICE_LOCKED = 价格源已被锁定。
PRICE_NOT_LATER = 报价时间不晚于上一次价格。
PRICE_NOT_PUBLISHER = 报价方不在该价格源之列。
PRICE_OUTSIDE_WINDOW = 报价时间不在交易的时间窗内。
PRICE_OVERRIDE_NEEDS_ALL = 越过熔断须由全体报价方签名。
PRICE_QUORUM_MISSING = 报价数量不足。
PRICE_QUOTE_OUT_OF_RANGE = 报价超出范围。
PRICE_STATES = 该指令不允许涉及这些状态。
PRICE_WINDOW_TOO_LONG = 发布价格的时间窗不得超过价格的有效时长。

# 债务与交易单。
PAYMENT_DIFFERS = 收款方收到的金额与应付金额不符。
PAYMENT_MISSING = 结清债务的交易中没有代币转让。
OBLIGATION_ASSIGNEE_IS_PARTY = 受让人不得是原债权人或债务人。
OBLIGATION_CHANGED = 债务内容不得改变。
OBLIGATION_COMMAND_UNKNOWN = 债务合约没有此指令。
OBLIGATION_CONSENT_OF_STRANGER = 只有债务的当事方才能同意净额结算。
OBLIGATION_LOCKED = 该债务已被锁定。
OBLIGATION_NOTHING_PAID = 结清的金额为零。
OBLIGATION_NOT_SOUND = 债务内容不成立。
OBLIGATION_OVERPAID = 支付的金额超过未结金额。
OBLIGATION_STATES = 该指令不允许涉及这些状态。
TRADE_NOTE_CHANGED = 交易单内容不得改变。
TRADE_NOTE_COMMAND_UNKNOWN = 交易单合约没有此指令。
TRADE_NOTE_DISPUTED = 交易单存在争议；解决后方可支付。
TRADE_NOTE_DISPUTE_UNFOUNDED = 只有付款方或收款方可以对交易单提出争议。
TRADE_NOTE_LOCKED = 交易单已被锁定。
TRADE_NOTE_NOTHING_PAID = 支付的金额为零。
TRADE_NOTE_NOT_DISPUTED = 交易单没有争议。
TRADE_NOTE_NOT_SOUND = 交易单内容不成立。
TRADE_NOTE_OVERPAID = 支付的金额超过未付金额。
TRADE_NOTE_STATES = 该指令不允许涉及这些状态。

# 封存字段与日志证明。
JOURNAL_PROOF_CONTENT_DIFFERS = 盐与内容得不出该日志条目的承诺值。
JOURNAL_PROOF_NOT_INCLUDED = 该日志条目及其路径得不出区块的日志根。
JOURNAL_PROOF_NOT_SEALED = 记账方对区块的签名无法验证。
JOURNAL_PROOF_OTHER_CHAIN = 区块头或日志条目属于另一条链。
SEALED_DIFFERS = 盐、标签与值得不出该承诺值；请索取此字段自身的开启信息。
SEALED_NOT_SHOWN = 披露的内容中没有此承诺值；请把封存字段一并披露。
SEALED_OTHER_FIELD = 该开启信息属于另一个字段。
OPENING_JOURNAL = 日志未能记录，因此什么也没有做；请稍后再试。
OPENING_NOT_PARTY = 没有这样的状态，或该方不是其当事方；请指明您参与的、含有该字段的状态。
OPENING_NO_SUCH_FIELD = 该状态中没有此承诺值的封存字段；请从状态数据中取得承诺值。
OPENING_RECIPIENTS = 开启信息须有 1 到 16 个接收方，且不得重复。
OPENING_RECIPIENT_UNKNOWN = 接收方没有在这条链上登记。
OPENING_SEALED_LENGTH = 封存的开启信息过短或过长。
SEAL_KEY_UNUSABLE = 接收方的加密公钥不可用；请登记另一个。
SEAL_NOT_OPENED = 封存的字节无法打开：密钥或用途不符，或已损坏。
SEAL_RANDOMNESS = 系统未能提供随机数，因此什么也没有封存。
