"""What the dashboard says, in English and in Chinese."""

from collections.abc import Callable, Mapping

from evalscope.reports.words import CHINESE as OF_REPORTS

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}

CHINESE: Mapping[str, str] = {
    **OF_REPORTS,
    "Runs": "运行",
    "Run": "运行",
    "Compare": "对比",
    "Language": "语言",
    "Colours": "配色",
    "light": "浅色",
    "dark": "深色",
    "as the system": "跟随系统",
    "Skip to content": "跳到正文",
    "From": "起始日期",
    "To": "截止日期",
    "Filter": "筛选",
    "Clear": "清除",
    "Scores": "得分",
    "State": "状态",
    "running": "进行中",
    "finished": "已完成",
    "no report yet": "尚无报告",
    "No run lies in this folder yet.": "此文件夹中还没有运行。",
    "evalscope eval writes one.": "运行 evalscope eval 后会出现在这里。",
    "No run matches the filter.": "没有符合筛选条件的运行。",
    "Latest scores": "最新得分",
    "the latest run of each model on each data set": "每个模型在每个数据集上的最近一次运行",
    "All runs": "全部运行",
    "Choose 2 to 6 runs, then compare.": "选择 2 到 6 个运行后进行对比。",
    "Compare the chosen runs": "对比所选运行",
    "choose": "选择",
    "Download as CSV": "下载 CSV",
    "Save as SVG": "保存为 SVG",
    "Save as PNG": "保存为 PNG",
    "Browse the samples": "浏览样本",
    "samples": "个样本",
    "The run goes on; this page renews itself.": "运行仍在进行；本页会自动更新。",
    "answers scored so far": "个回答已评分",
    "Search in": "搜索范围",
    "answers": "回答",
    "prompts and answers": "提示与回答",
    "Prompt": "提示",
    "Reply": "回复",
    "Tokens": "token 数",
    "Place": "位置",
    "Length": "长度",
    "ID": "编号",
    "Sort by": "排序",
    "descending": "降序",
    "Show": "显示",
    "of": "/",
    "Page": "页",
    "Previous": "上一页",
    "Next": "下一页",
    "This run is being indexed": "正在为此运行建立索引",
    "the first samples are shown until then; filters and search work afterwards.": (
        "在此之前显示最前面的样本，完成后可筛选与搜索。"
    ),
    "This run is large and still being written:": "此运行较大且仍在写入：",
    "The index of this run could not be made:": "无法为此运行建立索引：",
    "Previous sample": "上一个样本",
    "Next sample": "下一个样本",
    "Back to the list": "返回列表",
    "raw text": "原文",
    "Verdict": "评定",
    "Judge": "裁判",
    "Judge's prompt": "裁判的提示",
    "Stopped by": "结束原因",
    "This text is long and is shown raw.": "文本较长，按原文显示。",
    "The line in the file cannot be read:": "文件中的这一行无法读取：",
    "signs": "个字符",
    "Not found": "未找到",
    "There is no such run, sample or page.": "没有这个运行、样本或页面。",
    "To the runs": "前往运行列表",
    "Token": "令牌",
    "Sign in": "登录",
    "This dashboard is open to other machines, so it asks for the token that was printed when it was started.": (
        "此面板可从其他机器访问，因此需要输入启动时打印的令牌。"
    ),
    "That token is not right.": "令牌不正确。",
    "Choose at least two runs in the list of runs.": "请在运行列表中选择至少两个运行。",
    "Difference": "差值",
    "Paired differences": "配对差值",
    "against the first run": "与第一个运行相比",
    "p": "p 值",
    "p, Holm": "p 值（Holm）",
    "Test": "检验",
    "Better": "变好",
    "Worse": "变差",
    "Flipped samples": "翻转的样本",
    "right in": "正确：",
    "wrong in": "错误：",
    "not compared sample by sample:": "未逐样本对比：",
    "one of the runs is still being indexed; differences appear when that is done.": (
        "有运行仍在建立索引，完成后显示差值。"
    ),
    "No sample came out otherwise.": "没有样本结果不同。",
    "Radar of scores": "得分雷达图",
    "significant": "显著",
    "Only": "只看",
    "Open": "打开",
    "first": "第一个",
}


def speaker(language: str) -> Callable[[str], str]:
    """What turns an English phrase into that language; a phrase without a translation stays English."""
    return (lambda phrase: CHINESE.get(phrase, phrase)) if language == "zh" else str


def preferred(accepted: str) -> str:
    """The first language of ours that a browser asks for; English otherwise."""
    for part in accepted.lower().split(","):
        name = part.strip().partition(";")[0].partition("-")[0]
        if name in LANGUAGES:
            return name
    return "en"
