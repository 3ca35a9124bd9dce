"""Replies to every kind of instruction, kept and broken, in English and in Chinese."""

from typing import Any, NamedTuple


class Case(NamedTuple):
    """One reply: `is_kept` is what the published check says of it."""

    kind: str
    says: dict[str, Any]
    reply: str
    is_kept: bool


def cases(kind: str, says: dict[str, Any], *, kept: list[str], broken: list[str]) -> list[Case]:
    return [
        Case(kind, says, reply, is_kept) for replies, is_kept in ((kept, True), (broken, False)) for reply in replies
    ]


LONG_ENGLISH = "The river runs past the old mill and under two bridges before it reaches the harbour and the open sea."
GERMAN = "Der Bäcker mischt am Abend Mehl und Wasser, damit der Teig bis zum Morgen gehen kann."
CHINESE = "傍晚时分，河水流过老磨坊，穿过两座桥，最后汇入大海。"

CASES = [
    *cases(
        "keywords:existence",
        {"keywords": ["river", "mill"]},
        kept=["The River has a mill.", "Two rivers, one MILLER.", "河边 river，磨坊 mill。"],
        broken=["The river has a bridge.", "r i v e r mill", "河边有磨坊。"],
    ),
    *cases(
        "keywords:existence",
        {"keywords": ["河", "磨坊"]},
        kept=["河边有磨坊。", "The word 磨坊 stands beside 小河."],
        broken=["河边有桥。", "The river has a mill.", "磨 坊在河边。"],
    ),
    *cases(
        "keywords:frequency",
        {"keyword": "sea", "frequency": 2, "relation": "at least"},
        kept=["Sea and sea.", "The season of the sea.", "大海叫 sea，sea 就是海。", "seasea"],
        broken=["The sea.", "海，海，海。", "大海叫 sea。", "s e a, sea"],
    ),
    *cases(
        "keywords:frequency",
        {"keyword": "海", "frequency": 2, "relation": "less than"},
        kept=["我爱海。", "I love the sea.", "河流"],
        broken=["海连着海。", "上海在海边。"],
    ),
    *cases(
        "keywords:forbidden_words",
        {"forbidden_words": ["sea", "苹果"]},
        kept=["In this season we sail.", "我喜欢梨。", "overseas", "苹 果"],
        broken=["The sea.", "SEA!", "我爱吃苹果。", "sea-green", "蓝色的 sea"],
    ),
    *cases(
        "keywords:letter_frequency",
        {"letter": "q", "let_frequency": 2, "let_relation": "at least"},
        kept=["Quite a quarrel", "qq", "他用 QQ 聊天。"],
        broken=["A queen", "他不用它聊天。", "none at all"],
    ),
    *cases(
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 2, "let_relation": "less than"},
        kept=["#one", "none", "#一"],
        broken=["#one #two", "#一 #二", "###"],
    ),
    *cases(
        "language:response_language",
        {"language": "de"},
        kept=[GERMAN, GERMAN.upper(), f"**{GERMAN}**", "1234 !!!"],
        broken=[LONG_ENGLISH, CHINESE, "Le boulanger mélange la farine et l'eau pour que la pâte lève."],
    ),
    *cases(
        "language:response_language",
        {"language": "zh-cn"},
        kept=[CHINESE, f"{CHINESE}\n{CHINESE}"],
        broken=[LONG_ENGLISH, "夕方、川は古い水車小屋のそばを流れて海へ注ぎます。"],
    ),
    *cases(
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "at least"},
        kept=[
            "One came. Two stayed. Three left.",
            "Why? Because! So be it.",
            "Dr. Ames came. He sat. He left.",
            "下雨了。我们回家！好吗？",
            "她说：“下雨了。”我们回家。路上很滑。",
        ],
        broken=[
            "One came. Two stayed.",
            "Dr. Ames came at 5 p.m. on Friday. He sat.",
            "It costs 3.50 or 4.00. Cheap.",
            "下雨了，我们回家，路上很滑。",
            "下雨了。我们回家。",
        ],
    ),
    *cases(
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "less than"},
        kept=["One came. Two stayed.", "下雨了。我们回家。", "No end"],
        broken=["One came. Two stayed. Three left.", "1. Bread\n2. Salt", "下雨了。我们回家。路滑。"],
    ),
    *cases(
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        kept=["One.\n***\nTwo.", "***\nOne.\n***\nTwo.\n***", "一。\n\n***\n\n二。", "一 *** 二"],
        broken=["One.\n\nTwo.", "One.\n***\n***", "One.\n***\n***\nTwo.", "一。\n***\n二。\n***\n三。", "一。\n***\n"],
    ),
    *cases(
        "length_constraints:number_words",
        {"num_words": 4, "relation": "at least"},
        kept=["one two three four", "don't stop now", "1, 2, 3, 4", "下雨 了 我们 回家", "春，夏，秋，冬"],
        broken=["one two three", "下雨了我们回家", "一，二，三", "- - - -"],
    ),
    *cases(
        "length_constraints:number_words",
        {"num_words": 4, "relation": "less than"},
        kept=["one two three", "下雨了我们回家"],
        broken=["one two three four", "一 二 三 四"],
    ),
    *cases(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Rain"},
        kept=["Sun.\n\nRain, and more.", 'Sun.\n\n"rain" is a word', "太阳。\n\nrain 就是雨。", "太阳。\n\nRain。"],
        broken=["Sun.\n\nRainy days.", "Sun.\nRain.", "Rain.\n\nSun.", "Sun.\n\nRain.\n\nSnow.", "太阳。\n\n下雨了。"],
    ),
    *cases(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "下雨"},
        kept=["下雨，然后晴。", "下雨 了"],
        broken=["下雨了，然后晴。", "晴。", "\n\n下雨，然后晴。"],
    ),
    *cases(
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        kept=["Dear [name], at [place].", "[a][b]", "[姓名]，您好，[日期]见。", "[a] [b] [c]"],
        broken=["Dear [name],", "[姓名]您好", "[a\nb] [c]", "【姓名】，【日期】"],
    ),
    *cases(
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        kept=["Bye.\nP.S. Come.", "bye. p. s. come", "再见。\nP.S. 别忘了。", "P.S.: x"],
        broken=["Bye. PS come", "再见。附：别忘了。", "P.S"],
    ),
    *cases(
        "detectable_content:postscript",
        {"postscript_marker": "P.P.S"},
        kept=["Bye.\nP.P.S. Come.", "p. p. s come", "再见。P.P.S 别忘了。"],
        broken=["Bye.\nP.S. Come.", "PPS", "再见。P.S. 别忘了。"],
    ),
    *cases(
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        kept=[
            "* one\n* two",
            "- one\n  - two",
            "Here:\n* one\n- two",
            "*\n* taken for the first\n* two",
            "* 一\n* 二",
            "要点：\n-一\n-二",
        ],
        broken=["* one", "* one\n* two\n* three", "**one**\n**two**", "* 一\n- 二\n---", "1. 一\n2. 二", "• 一\n• 二"],
    ),
    *cases(
        "detectable_format:constrained_response",
        {},
        kept=["My answer is yes.", "Well. My answer is maybe.", "我想好了：My answer is no."],
        broken=["My answer is yes", "my answer is no.", "我的回答是：是。", "Yes."],
    ),
    *cases(
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        kept=["*one* and *two*", "**one** and **two**", "*一* 和 **二**", "**重点一**，**重点二**"],
        broken=["*one* and two", "**** ****", "*one\ntwo* three", "*一*和二", "# 一\n# 二"],
    ),
    *cases(
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        kept=[
            "Section 1\na\nSection 2\nb",
            "Section1 Section2",
            "Section 1\n一\nSection 2\n二",
            "## Section 1: a ## Section 2",
        ],
        broken=[
            "Section 1\na",
            "SECTION 1\nSECTION 2",
            "Section A\nSection B",
            "第1节\n一\n第2节\n二",
            "Section 1\n一",
        ],
    ),
    *cases(
        "detectable_format:json_format",
        {},
        kept=['{"a": 1}', '```json\n{"a": [1, 2]}\n```', "[]", '{"名字": "小明"}', '```\n{"名字": "小明"}\n```', "3"],
        broken=[
            "{'a': 1}",
            'Here: {"a": 1}',
            '{"a": 1,}',
            "{“名字”: “小明”}",
            "结果是 3",
            '好的：\n```json\n{"a": 1}\n```',
        ],
    ),
    *cases(
        "detectable_format:title",
        {},
        kept=["<<A Walk>>\nIt rained.", "Title: <<x>>", "<<春天>>\n花开了。", "<<<x>>>"],
        broken=["# A Walk", "<< >>", "<<A\nWalk>>", "《春天》\n花开了。", "<春天>", "<<>>"],
    ),
    *cases(
        "combination:two_responses",
        {},
        kept=["One.\n******\nTwo.", "******One.******Two.******", "一。\n******\n二。"],
        broken=[
            "One.\n***\nTwo.",
            "Same.\n******\n Same. ",
            "One.\n******",
            "1******2******3",
            "一。\n******\n一。",
            "a************b",
        ],
    ),
    *cases(
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Write a poem on spring. "},
        kept=[
            "Write a poem on spring.\nIt came.",
            " write a POEM on spring. It came.",
            "Write a poem on spring.春天来了。",
        ],
        broken=["Sure! Write a poem on spring.", "Write a poem about spring.", "好的。Write a poem on spring."],
    ),
    *cases(
        "combination:repeat_prompt",
        {"prompt_to_repeat": "写一首春天的诗。"},
        kept=["写一首春天的诗。\n春天来了。", "写一首春天的诗。"],
        broken=["好的。写一首春天的诗。", "“写一首春天的诗。”", "Write a poem on spring."],
    ),
    *cases(
        "startend:end_checker",
        {"end_phrase": "Is that all?"},
        kept=["Yes. Is that all?", '"Yes. is that ALL?"', "好。Is that all?\n"],
        broken=["Yes. Is that all", "Is that all? Yes.", "好。完了吗？", "**Is that all?**"],
    ),
    *cases(
        "startend:end_checker",
        {"end_phrase": "就这些吗？"},
        kept=["好的。就这些吗？", "Yes. 就这些吗？ "],
        broken=["就这些吗？好的。", "好的。就这些吗?", "Is that all?"],
    ),
    *cases(
        "startend:quotation",
        {},
        kept=['"Yes."', ' "Yes." ', '"好的。"', '""'],
        broken=["'Yes.'", '"Yes.', '"', "“好的。”", '好的。"', "「好的。」"],
    ),
    *cases(
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        kept=["NASA and ESA", "I saw A cat", "我看 NASA 和 ESA 的新闻。", "IT'S COLD"],
        broken=["NASA and Esa", "none", "我看 NASA 的新闻。", "我看新闻。"],
    ),
    *cases(
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "less than"},
        kept=["NASA and Esa", "我看 NASA 的新闻。"],
        broken=["NASA and ESA", "NASA 和 ESA"],
    ),
    *cases(
        "change_case:english_capital",
        {},
        kept=[LONG_ENGLISH.upper(), f"**{LONG_ENGLISH.upper()}**", f"{LONG_ENGLISH.upper()} 1 2 3"],
        broken=[LONG_ENGLISH, f"{LONG_ENGLISH.upper()} a", GERMAN.upper(), CHINESE, f"{CHINESE}OK"],
    ),
    *cases(
        "change_case:english_lowercase",
        {},
        kept=[LONG_ENGLISH.lower(), f"* {LONG_ENGLISH.lower()}", f"{LONG_ENGLISH.lower()} 1 2 3"],
        broken=[LONG_ENGLISH, LONG_ENGLISH.upper(), GERMAN.lower(), CHINESE, f"{CHINESE}ok"],
    ),
    *cases(
        "punctuation:no_comma",
        {},
        kept=["One; two. Three!", "下雨了。我们回家。", "一、二、三"],
        broken=["One, two.", "1,234", "下雨了，我们回家。", "下雨了,我们回家。"],
    ),
]
