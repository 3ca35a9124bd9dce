"""The Chinese words of listings."""

from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    "also": "别名",
    "size": "样本数",
    "subsets": "子集",
    "default": "默认评测",
    "asks": "评测划分",
    "shots": "少样本示例",
    "generation": "生成参数",
    "scored": "评分方式",
    "metrics": "指标",
    "scoring": "其他评分方式",
    "own": "专有参数（extra_params）",
    "modelscope": "ModelScope",
    "huggingface": "Hugging Face",
    "licence": "许可证",
    "tags": "标签",
    "notes": "说明",
}

TAGS: Mapping[str, str] = {
    "chat": "对话",
    "chinese": "中文",
    "code": "代码",
    "commonsense": "常识",
    "custom": "自定义",
    "free-text": "自由文本",
    "instruction-following": "指令遵循",
    "knowledge": "知识",
    "long-context": "长上下文",
    "mathematics": "数学",
    "multi-turn": "多轮",
    "multilingual": "多语言",
    "multiple-choice": "选择题",
    "reading": "阅读理解",
    "reasoning": "推理",
    "truthfulness": "真实性",
}

SCORED_HOW: Mapping[str, str] = {
    "choice_letter": "取回复最后明确给出的选项字母；没有给出或同时给出两个时视为未解析。",
    "letter_set": "取回复最后明确给出的全部选项字母。",
    "last_number": "取最后标明的数字，否则取最后一个数字。",
    "final_expression": "取最后一个 \\boxed 或最后标明的答案。",
    "short_answer": "取最后一个“ANSWER:”之后的一行，否则取第一行。",
    "find_answer": "取最后一个“answer is”之后的内容；选项题取其字母。",
    "code_block": "取最后一个定义了所求函数的代码块，否则取最后一个代码块或裸代码。",
    "whole_text": "取整个回复。",
    "letters_or_expression": "选择题取最后明确给出的字母；填空题取最后一个 \\boxed 或最后标明的答案。",
    "reply_as_it_stands": "取整个回复，仅去掉首部空行与尾部空白。",
    "ExactMatch": "与目标完全相同为正确（忽略首尾空白）。",
    "NumberMatch": "数值相等为正确（1234、1,234、1234.0 相同）。",
    "ExpressionMatch": "数学上相等为正确；不能直接判定时由独立进程中的 math-verify 判定。",
    "AliasMatch": "归一化后与任一别名相同为正确；仅包含别名不算。",
    "SquadMatch": "按 SQuAD 的方式归一化后与任一答案相同为正确；仅包含答案不算。",
    "FollowsInstructions": "逐条检查指令是否遵循，分严格与宽松两种，按整题与按单条指令各计一个比例。",
    "TextOverlap": "与参考答案的文本重合度：ROUGE-L/1/2、BLEU-1…4 与完全相同的比例。",
    "LikelihoodMatch": "对数似然最高的选项为模型的答案。",
    "TruthMatch": "mc1：最佳真实选项的似然高于所有错误选项；mc2：真实选项所占的概率。",
    "LettersOrExpression": "选择题字母相同为正确；填空题数学上相等为正确。",
    "SpansMatch": "f1：答案与目标各片段最佳配对后的词 F1，数字须一致；em：所有片段完全相同。",
    "HoldsFact": "回复中含有所问的数字（不作为更长数字的一部分）为正确。",
    "RunTests": "程序在沙箱中通过该题的测试为正确。",
}
"""By the name of what takes the answer from a reply, or of what compares it."""
