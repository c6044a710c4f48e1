"""The fixed texts on which every session is compared with the reference before it may be timed.

They are chosen to go wrong where encoders do: nothing to encode, more than fits, letters the
vocabulary has to break up, and the same text twice, which must give the same embedding.
"""

PROBES: tuple[str, ...] = (
    "",
    "Neutrophils",
    "Vitamin D deficiency is unrelated to birth weight.",
    "The half-life of caffeine in adults is between three and seven hours.",
    "A randomised, double-blind, placebo-controlled trial of low-dose aspirin in 2,539 adults.",
    "Глубокое обучение ускоряет поиск новых антибиотиков.",
    "深度学习可以预测蛋白质的三维结构。",
    "يقلل النشاط البدني من خطر الإصابة بأمراض القلب.",
    "🧬 DNA → RNA → protein 🦠",
    "TNF-α, IL-1β and IL-6 rise 3.5× after 24 h at 37 °C (p < 0.001).",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaa",
    " ".join(["Long texts are cut where the model's limit is, and not one token later."] * 60),
    "Neutrophils",
)
