"""Plain sentences without end, in English and Chinese, that say nothing about any code: what a needle is hidden in."""

import random
import re
from collections.abc import Iterator, Mapping
from itertools import chain, repeat

_ENGLISH: Mapping[str, tuple[str, ...]] = {
    "who": (
        "the baker",
        "a young teacher",
        "the old fisherman",
        "my neighbour",
        "the night nurse",
        "a travelling musician",
        "the clockmaker",
        "her older brother",
        "the gardener of the abbey",
        "a student from the coast",
        "the ferryman",
        "our librarian",
        "the woman from the market",
        "a retired engineer",
        "the postman",
        "his youngest daughter",
    ),
    "did": (
        "talked about",
        "wrote a long letter about",
        "forgot",
        "kept a drawing of",
        "remembered",
        "laughed at",
        "asked everyone about",
        "dreamed of",
        "walked away from",
        "sat down beside",
        "photographed",
        "described",
        "paid no attention to",
        "had never seen",
    ),
    "what": (
        "the empty railway station",
        "a field of blue flowers",
        "the broken piano",
        "the first snow of the year",
        "a boat without oars",
        "the smell of fresh bread",
        "the long queue at the museum",
        "a map of forgotten roads",
        "the quiet street behind the church",
        "an argument about soup",
        "the lamps along the river",
        "a box of old postcards",
        "the storm that never came",
        "the stairs to the roof",
        "a recipe for plum cake",
        "the last bus home",
    ),
    "when": (
        "In the evening",
        "Before breakfast",
        "On the way to town",
        "During the long winter",
        "After the concert",
        "When the rain had stopped",
        "Towards the end of summer",
        "Without much hurry",
        "To nobody's surprise",
        "As so often",
        "While the others slept",
        "Early on Sunday",
    ),
    "why": (
        "because the wind had turned",
        "although it was already late",
        "as people in that valley do",
        "and nobody found it strange",
        "while the kettle was singing",
        "since there was nothing else to do",
        "but that is another story",
        "and the dog followed slowly",
        "for the light was beautiful",
        "so the door was left open",
        "and later wished it had been otherwise",
        "until the bells began to ring",
    ),
}
_CHINESE: Mapping[str, tuple[str, ...]] = {
    "who": (
        "面包师傅",
        "一位年轻的老师",
        "老渔夫",
        "隔壁的邻居",
        "夜班护士",
        "流浪的乐手",
        "修表的匠人",
        "她的哥哥",
        "寺里的园丁",
        "来自海边的学生",
        "摆渡人",
        "图书管理员",
        "集市上的妇人",
        "退休的工程师",
        "邮递员",
        "他的小女儿",
    ),
    "did": (
        "谈起了",
        "写信描述",
        "忘记了",
        "画下了",
        "回想起",
        "嘲笑着",
        "向大家打听",
        "梦见了",
        "离开了",
        "坐在一旁看着",
        "拍下了",
        "讲述着",
        "并不在意",
        "从未见过",
    ),
    "what": (
        "空荡荡的火车站",
        "一片蓝色的花田",
        "那架坏掉的钢琴",
        "当年的第一场雪",
        "没有桨的小船",
        "新鲜面包的香气",
        "博物馆门口的长队",
        "一张画着旧路的地图",
        "教堂后面安静的小街",
        "一场关于汤的争论",
        "河边的路灯",
        "一盒旧明信片",
        "始终没有来的暴风雨",
        "通往屋顶的楼梯",
        "梅子蛋糕的做法",
        "最后一班回家的公交车",
    ),
    "when": (
        "傍晚时分",
        "早饭之前",
        "在进城的路上",
        "漫长的冬天里",
        "音乐会散场以后",
        "雨停了的时候",
        "夏天快要结束时",
        "不慌不忙地",
        "不出所料",
        "像往常一样",
        "别人都睡着的时候",
        "星期天一大早",
    ),
    "why": (
        "因为风向变了",
        "虽然天色已晚",
        "山谷里的人都是这样",
        "谁也不觉得奇怪",
        "炉子上的水正开着",
        "反正也没有别的事可做",
        "不过那是另一个故事了",
        "小狗慢慢地跟在后面",
        "因为光线很美",
        "所以门一直开着",
        "后来却有些后悔",
        "直到钟声响起",
    ),
}


def made_sentences(language: str, rng: random.Random) -> Iterator[str]:
    """Sentences drawn from words of our own, without end; English ones bring the space before them."""
    words = _CHINESE if language == "chinese" else _ENGLISH
    while True:
        who, did, what, when, why = (rng.choice(words[part]) for part in ("who", "did", "what", "when", "why"))
        if language == "chinese":
            yield f"{when}，{who}{did}{what}，{why}。"
        else:
            yield f" {when}, {who} {did} {what}, {why}."


def given_sentences(text: str) -> Iterator[str]:
    """The sentences of a text that holds some, over and over; each brings the white space before it."""
    sentences = [found for found in re.split(r"(?<=[。！？\n])|(?<=[.!?])(?=\s)", f"\n{text.strip()}") if found]
    return chain.from_iterable(repeat(sentences))
