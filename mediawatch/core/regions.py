"""Region codes (GB/T 2260, six digits or longer) as people group them: province, city, county. Pure data.

The names of provinces are those of the standard; cities and counties are named by their codes.
"""

from __future__ import annotations

from mediawatch.core.rulebook import Language

DIGITS = {"province": 2, "city": 4, "county": 6}
"""How many digits of a code tell the area at each step."""

PROVINCES = {
    "11": ("北京", "Beijing"), "12": ("天津", "Tianjin"), "13": ("河北", "Hebei"), "14": ("山西", "Shanxi"),
    "15": ("内蒙古", "Inner Mongolia"), "21": ("辽宁", "Liaoning"), "22": ("吉林", "Jilin"),
    "23": ("黑龙江", "Heilongjiang"), "31": ("上海", "Shanghai"), "32": ("江苏", "Jiangsu"), "33": ("浙江", "Zhejiang"),
    "34": ("安徽", "Anhui"), "35": ("福建", "Fujian"), "36": ("江西", "Jiangxi"), "37": ("山东", "Shandong"),
    "41": ("河南", "Henan"), "42": ("湖北", "Hubei"), "43": ("湖南", "Hunan"), "44": ("广东", "Guangdong"),
    "45": ("广西", "Guangxi"), "46": ("海南", "Hainan"), "50": ("重庆", "Chongqing"), "51": ("四川", "Sichuan"),
    "52": ("贵州", "Guizhou"), "53": ("云南", "Yunnan"), "54": ("西藏", "Tibet"), "61": ("陕西", "Shaanxi"),
    "62": ("甘肃", "Gansu"), "63": ("青海", "Qinghai"), "64": ("宁夏", "Ningxia"), "65": ("新疆", "Xinjiang"),
    "66": ("新疆兵团", "Xinjiang Corps"), "71": ("台湾", "Taiwan"), "81": ("香港", "Hong Kong"),
    "82": ("澳门", "Macau"),
}  # fmt: skip


def named(code: str, language: Language) -> str:
    """An area's name for people: a province's with its name, any other as its code."""
    names = PROVINCES.get(code[:2])
    if names is None:
        return code
    name = names[0 if language == "zh_CN" else 1]
    return name if len(code) == DIGITS["province"] else f"{name} {code}"
