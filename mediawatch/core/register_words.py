"""The columns of a register in words, and the other names under which tables of offices have them. Data.

Head rows differ from place to place; what stands here was seen in practice or follows from the name of the field. A
name that could mean two fields is left out.
"""

from __future__ import annotations

from mediawatch.core.rulebook import Words


def _w(zh: str, en: str) -> Words:
    return Words(zh_CN=zh, en=en)


COLUMNS: dict[str, Words] = {
    "id": _w("编号", "id"),
    "name": _w("账号名称", "name"),
    "kind": _w("平台", "kind"),
    "sponsor": _w("主办单位", "sponsor"),
    "supervisor": _w("主管单位", "supervisor"),
    "unit": _w("责任单位编号", "unit"),
    "region": _w("地区代码", "region"),
    "level": _w("行政层级", "level"),
    "rulebook": _w("适用规则", "rulebook"),
    "tags": _w("标签", "tags"),
    "state": _w("运行状态", "state"),
    "state_since": _w("状态起始日期", "state since"),
    "stop_announced": _w("停更公告日期", "stop announced"),
    "stop_notice": _w("停更公告链接", "stop notice"),
    "platform_id": _w("平台账号ID", "platform's id"),
    "link": _w("账号链接", "link"),
    "qr_code": _w("二维码", "QR code"),
    "verified_type": _w("认证类型", "verification type"),
    "verified_name": _w("认证主体", "verified as"),
    "verified_reason": _w("认证说明", "verification text"),
    "sponsor_uscc": _w("统一社会信用代码", "sponsor's credit code"),
    "system": _w("系统条线", "line of administration"),
    "main": _w("是否代表主体", "stands for the government"),
    "opened_on": _w("开通日期", "opened on"),
    "filed_on": _w("备案日期", "filed on"),
    "filing_no": _w("备案编号", "filing number"),
    "filing_state": _w("备案状态", "filing state"),
    "run_by": _w("运维方式", "run by"),
    "contractor": _w("运维机构", "contractor"),
    "leader": _w("分管领导", "leader in charge"),
    "officer": _w("负责人", "officer in charge"),
    "staff": _w("运维人员", "staff"),
    "contact": _w("联系人", "contact"),
    "contact_phone": _w("联系电话", "contact's phone"),
    "scope": _w("信息发布范围", "scope"),
    "update_promise": _w("更新频率", "update promise"),
    "interaction": _w("互动方式", "interaction"),
    "closing_requested_on": _w("关停申请日期", "closing requested on"),
    "closing_approved_on": _w("关停批准日期", "closing approved on"),
    "cancelled_on": _w("注销日期", "cancelled on"),
    "moved_to": _w("迁移目标账号", "moved to"),
    "app_package": _w("应用包名", "app package"),
    "app_stores": _w("上架应用商店", "app stores"),
    "app_version": _w("应用版本", "app version"),
    "icp_no": _w("ICP备案号", "ICP filing number"),
    "cac_no": _w("网信备案编号", "CAC filing number"),
    "server": _w("服务端地址", "server"),
}

ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("账号编号", "登记编号"),
    "name": ("名称", "新媒体名称", "政务新媒体名称", "账号名", "账号", "应用名称", "公众号名称"),
    "kind": ("平台类型", "平台名称", "账号类型", "新媒体类型", "类型", "所属平台", "渠道", "开设平台"),
    "sponsor": ("开办单位", "主办单位名称", "开设单位", "单位名称", "单位", "开设主体"),
    "supervisor": ("主管部门", "上级主管单位", "主管单位名称"),
    "unit": ("责任单位",),
    "region": ("行政区划代码", "地区码", "区划代码", "行政区划"),
    "level": ("层级", "级别", "行政级别"),
    "tags": (),
    "state": ("状态", "账号状态", "运营状态"),
    "stop_announced": ("停更公告时间", "关停公告日期"),
    "stop_notice": ("关停公告链接", "公告链接"),
    "platform_id": ("账号ID", "平台ID", "平台账号", "ID", "UID", "微博UID", "微信号", "原始ID"),
    "link": ("链接", "网址", "地址", "账号地址", "账号网址", "主页链接", "主页地址", "URL", "首页网址"),
    "qr_code": ("二维码链接",),
    "sponsor_uscc": ("主办单位统一社会信用代码", "信用代码", "社会信用代码"),
    "system": ("条线", "所属系统"),
    "main": ("代表主体", "是否主账号", "主账号"),
    "opened_on": ("开通时间", "开设时间", "开设日期", "注册时间"),
    "filed_on": ("备案时间", "填报时间", "报备日期"),
    "filing_no": ("备案号", "标识码", "新媒体标识码"),
    "run_by": ("运营方式", "运营模式"),
    "contractor": ("运营机构", "运维单位", "第三方运维机构"),
    "officer": ("主要负责人", "责任人"),
    "staff": ("管理人员", "管理员"),
    "contact": ("联络员", "联系人姓名"),
    "contact_phone": ("电话", "联系方式", "联系人电话", "手机"),
    "scope": ("发布范围",),
    "update_promise": ("更新周期", "更新周期承诺"),
    "cancelled_on": ("注销时间",),
    "moved_to": ("迁移至",),
    "app_package": ("包名",),
    "app_stores": ("应用商店",),
    "app_version": ("版本", "版本号"),
    "icp_no": ("APP备案号", "ICP/APP备案号"),
}

UNIT_COLUMNS: dict[str, Words] = {
    "id": _w("单位编号", "id"),
    "name": _w("单位名称", "name"),
    "parent": _w("上级单位编号", "parent"),
    "level": _w("行政层级", "level"),
    "region": _w("地区代码", "region"),
    "uscc": _w("统一社会信用代码", "credit code"),
    "receivers": _w("接收方", "receivers"),
    "contact_name": _w("联系人", "contact"),
    "contact_role": _w("职务", "contact's role"),
    "contact_phone": _w("联系电话", "contact's phone"),
    "contact_email": _w("电子邮箱", "contact's e-mail"),
}

KIND_WORDS: dict[str, str] = {
    **dict.fromkeys(("微博", "新浪微博", "政务微博"), "weibo"),
    **dict.fromkeys(
        ("微信", "微信公众号", "政务微信", "公众号", "微信订阅号", "微信服务号", "订阅号", "服务号"), "wechat"
    ),
    **dict.fromkeys(
        ("抖音", "快手", "视频号", "微信视频号", "小红书", "短视频", "西瓜视频", "抖音号", "快手号"), "video"
    ),
    **dict.fromkeys(("今日头条", "头条", "头条号"), "toutiao"),
    **dict.fromkeys(("哔哩哔哩", "B站", "bilibili"), "bilibili"),
    **dict.fromkeys(("APP", "客户端", "移动客户端", "移动应用", "应用程序", "移动互联网应用程序", "自建客户端"), "app"),
    **dict.fromkeys(("小程序", "微信小程序", "支付宝小程序"), "miniprogram"),
    **dict.fromkeys(("网站", "政府网站", "门户网站"), "website"),
    **dict.fromkeys(("其他", "其它", "人民号", "澎湃号", "百家号", "企鹅号"), "other"),
}

LEVEL_WORDS: dict[str, str] = {
    **dict.fromkeys(("国家", "国家级", "国", "中央"), "national"),
    **dict.fromkeys(("省", "省级", "自治区", "直辖市", "省（区、市）级"), "province"),
    **dict.fromkeys(("市", "市级", "地市级", "地级", "设区市", "州级"), "city"),
    **dict.fromkeys(("县", "县级", "区", "区级", "区县级", "县（市、区）级", "县区级", "旗级"), "county"),
    **dict.fromkeys(("乡", "乡级", "镇", "镇级", "乡镇级", "乡镇", "街道", "镇街", "乡镇（街道）"), "town"),
}

STATE_WORDS: dict[str, str] = {
    **dict.fromkeys(("正常", "运行", "正常运行", "运行中", "在用", "运营中", "已备案", "启用"), "running"),
    **dict.fromkeys(("申请中", "拟开设"), "applied"),
    **dict.fromkeys(("待备案", "已批准"), "approved"),
    **dict.fromkeys(("变更", "变更中"), "changing"),
    **dict.fromkeys(("整改", "整改中"), "rectifying"),
    **dict.fromkeys(("拟关停", "关停申请", "申请关停"), "closing"),
    **dict.fromkeys(("停更公告", "公告期", "已公告"), "announced"),
    **dict.fromkeys(("注销中", "关停中"), "cancelling"),
    **dict.fromkeys(("关停", "已关停", "注销", "已注销", "关闭", "已关闭", "停用", "下线", "永久下线"), "closed"),
    **dict.fromkeys(("迁移", "已迁移"), "migrated"),
    **dict.fromkeys(("失控", "无法登录"), "lost"),
    **dict.fromkeys(("未备案", "漏报"), "unregistered"),
}

TRUE_WORDS = {"是": "true", "否": "false", "有": "true", "无": "false"}
RUN_BY_WORDS: dict[str, str] = {
    **dict.fromkeys(("自运维", "自行运维", "自主运维", "自运营", "自主运营"), "own"),
    **dict.fromkeys(("外包", "委托运维", "委托运营", "第三方", "第三方运维"), "outsourced"),
}

VALUES: dict[str, dict[str, str]] = {
    "kind": KIND_WORDS,
    "level": LEVEL_WORDS,
    "state": STATE_WORDS,
    "main": TRUE_WORDS,
    "run_by": RUN_BY_WORDS,
}
"""What the cells of a column say, in the words of such tables."""


def field_of(head: str, *, unit: bool = False) -> str:
    """The field that a head row names in Chinese; empty for one that nobody knows."""
    return (_UNIT_FIELDS if unit else _FIELDS).get("".join(head.split()).strip("*＊:：").casefold(), "")


_FIELDS = {
    **{words.zh_CN.casefold(): field for field, words in COLUMNS.items()},
    **{alias.casefold(): field for field, names in ALIASES.items() for alias in names},
}
_UNIT_FIELDS = {words.zh_CN.casefold(): field for field, words in UNIT_COLUMNS.items()}
