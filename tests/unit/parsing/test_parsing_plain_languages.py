"""A page of each language of the cues, in the words of its WordPress, written for this test."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from toolkit.parsing import parse


@dataclass(frozen=True)
class Case:
    language: str
    title: str
    text: str
    #: (writer, depth, whole text, ISO time)
    comments: list[tuple[str, int, str, str | None]]
    stated: int
    open: bool | None = True
    #: Words of the page's furniture, in no text.
    furniture: tuple[str, ...] = ()


CASES = [
    Case(
        "es",
        "El puerto cierra su muelle",
        """El puerto cierra su muelle

La junta del puerto de Valdemar votó el martes a favor de cerrar el muelle del este durante dos
años. Los ingenieros dicen que repararlo costaría más que uno nuevo.

Comparte esto:

2 opiniones en “El puerto cierra su muelle”

  1. Marta Luján dice:
    10 de julio de 2012 a las 13:26

    También cerraron el del oeste y nunca volvió.

    Responder
      1. Óscar dice:
        11 de julio de 2012 a las 9:05

        Ni falta que hacía.

        Responder

Deja un comentario

Tu dirección de correo electrónico no será publicada.
""",
        [
            (
                "Marta Luján",
                0,
                "También cerraron el del oeste y nunca volvió.",
                "2012-07-10T13:26:00",
            ),
            ("Óscar", 1, "Ni falta que hacía.", "2012-07-11T09:05:00"),
        ],
        2,
        furniture=("Responder", "Comparte", "correo"),
    ),
    Case(
        "fr",
        "Le port ferme sa jetée",
        """Le port ferme sa jetée

Le conseil du port de Vallonne a voté mardi la fermeture de la jetée pour deux ans. Les ingénieurs
affirment qu’une réparation coûterait plus cher qu’un ouvrage neuf.

2 réflexions au sujet de « Le port ferme sa jetée »

Marthe Leroux dit :
10 juillet 2012 à 13 h 26 min

Ils ont fermé celle de l’ouest aussi.

Répondre

Oscar dit :
11 juillet 2012 à 9h05

Bon débarras !

Répondre

Laisser un commentaire Annuler la réponse
""",
        [
            ("Marthe Leroux", 0, "Ils ont fermé celle de l’ouest aussi.", "2012-07-10T13:26:00"),
            ("Oscar", 0, "Bon débarras !", "2012-07-11T09:05:00"),
        ],
        2,
        furniture=("Répondre", "Laisser"),
    ),
    Case(
        "de",
        "Der Hafen schließt seinen Steg",
        """Der Hafen schließt seinen Steg

Der Rat des Hafens Wennick hat am Dienstag beschlossen, den östlichen Steg für zwei Jahre zu
schließen. Die Ingenieure sagen, eine Reparatur koste mehr als ein neuer Steg.

3 Gedanken zu „Der Hafen schließt seinen Steg“

Marta Quell sagt:
10. Juli 2012 um 13:26 Uhr

Den westlichen haben sie auch geschlossen.

Antworten

Oskar schrieb am 11. Juli 2012 um 09:05 Uhr:

Weg mit dem morschen Ding.

Antworten

Inga sagt:
12. Juli 2012 um 10:00

Du hast dort nie geangelt.

Zum Antworten anmelden

Kommentare sind geschlossen.
""",
        [
            ("Marta Quell", 0, "Den westlichen haben sie auch geschlossen.", "2012-07-10T13:26:00"),
            ("Oskar", 0, "Weg mit dem morschen Ding.", "2012-07-11T09:05:00"),
            ("Inga", 0, "Du hast dort nie geangelt.", "2012-07-12T10:00:00"),
        ],
        3,
        open=False,
        furniture=("Antworten", "anmelden"),
    ),
    Case(
        "it",
        "Il porto chiude il molo",
        """Il porto chiude il molo

Il consiglio del porto di Vennico ha votato martedì la chiusura del molo orientale per due anni.
Gli ingegneri dicono che ripararlo costerebbe più di uno nuovo.

Due pensieri riguardo “Il porto chiude il molo”

Marta Quaglia dice:
10 luglio 2012 alle 13:26

Hanno chiuso anche quello a ovest.

Rispondi

Oscar dice:
11 luglio 2012 alle 9:05

Era ora, quel molo cadeva a pezzi.

Rispondi

I commenti sono chiusi.
""",
        [
            ("Marta Quaglia", 0, "Hanno chiuso anche quello a ovest.", "2012-07-10T13:26:00"),
            ("Oscar", 0, "Era ora, quel molo cadeva a pezzi.", "2012-07-11T09:05:00"),
        ],
        2,
        open=False,
        furniture=("Rispondi",),
    ),
    Case(
        "pt",
        "O porto fecha o cais",
        """O porto fecha o cais

O conselho do porto de Venique votou na terça-feira o encerramento do cais por dois anos. Os
engenheiros dizem que a reparação custaria mais do que um cais novo.

2 comentários em “O porto fecha o cais”

Marta Quintela disse:
10 de julho de 2012 às 13:26

Também fecharam o de oeste.

Responder

Óscar disse:
11 de julho de 2012 às 9:05

Já foi tarde, aquilo estava podre.

Responder

Os comentários estão fechados.
""",
        [
            ("Marta Quintela", 0, "Também fecharam o de oeste.", "2012-07-10T13:26:00"),
            ("Óscar", 0, "Já foi tarde, aquilo estava podre.", "2012-07-11T09:05:00"),
        ],
        2,
        open=False,
        furniture=("Responder",),
    ),
    Case(
        "nl",
        "De haven sluit haar pier",
        """De haven sluit haar pier

Het havenbestuur van Wennik besloot dinsdag de oostelijke pier twee jaar te sluiten. Volgens de
ingenieurs kost herstel meer dan een nieuwe pier.

2 gedachten over “De haven sluit haar pier”

Marta Kwil schreef:
10 juli 2012 om 13:26

Die in het westen is ook nooit meer opengegaan.

Beantwoorden

Oskar schreef:
11 juli 2012 om 9:05

Opgeruimd staat netjes, dat ding was rot.

Beantwoorden

Geef een reactie
""",
        [
            (
                "Marta Kwil",
                0,
                "Die in het westen is ook nooit meer opengegaan.",
                "2012-07-10T13:26:00",
            ),
            ("Oskar", 0, "Opgeruimd staat netjes, dat ding was rot.", "2012-07-11T09:05:00"),
        ],
        2,
        furniture=("Beantwoorden",),
    ),
    Case(
        "pl",
        "Port zamyka molo",
        """Port zamyka molo

Rada portu w Wenniku zdecydowała we wtorek o zamknięciu wschodniego mola na dwa lata. Inżynierowie
mówią, że naprawa kosztowałaby więcej niż nowe molo.

2 myśli na temat “Port zamyka molo”

Marta Kwil pisze:
10 lipca 2012 o 13:26

Zachodnie też zamknęli i nigdy nie otwarto.

Odpowiedz

Oskar pisze:
11 lipca 2012 o 09:05

Najwyższy czas, deski były zgniłe.

Odpowiedz

Możliwość komentowania jest wyłączona.
""",
        [
            ("Marta Kwil", 0, "Zachodnie też zamknęli i nigdy nie otwarto.", "2012-07-10T13:26:00"),
            ("Oskar", 0, "Najwyższy czas, deski były zgniłe.", "2012-07-11T09:05:00"),
        ],
        2,
        open=False,
        furniture=("Odpowiedz",),
    ),
    Case(
        "ru",
        "Порт закрывает причал",
        """Порт закрывает причал

Совет порта Венник во вторник решил закрыть восточный причал на два года. Инженеры говорят, что
ремонт обойдётся дороже нового причала.

Порт закрывает причал: 3 комментария

Марта Квилл:
10 июля 2012 в 13:26

Западный тоже закрыли, и больше он не открылся.

Ответить

Оскар:
11 июля 2012 в 09:05

Туда ему и дорога, доски сгнили.

Ответить

Инга пишет:
12.07.2012 в 10:00

Ты там никогда не рыбачил.

Ответить

Добавить комментарий
""",
        [
            (
                "Марта Квилл",
                0,
                "Западный тоже закрыли, и больше он не открылся.",
                "2012-07-10T13:26:00",
            ),
            ("Оскар", 0, "Туда ему и дорога, доски сгнили.", "2012-07-11T09:05:00"),
            ("Инга", 0, "Ты там никогда не рыбачил.", "2012-07-12T10:00:00"),
        ],
        3,
        furniture=("Ответить",),
    ),
    Case(
        "ar",
        "الميناء يغلق رصيفه",
        """الميناء يغلق رصيفه

صوّت مجلس ميناء وينيك يوم الثلاثاء على إغلاق الرصيف الشرقي لمدة عامين، ويقول المهندسون إن
الإصلاح سيكلف أكثر من رصيف جديد.

٢ آراء على “الميناء يغلق رصيفه”

مارتا كويل يقول:
10 يوليو، 2012 الساعة 1:26 م

لقد أغلقوا الرصيف الغربي أيضا.

رد

أوسكار يقول:
11 يوليو، 2012 الساعة 9:05 ص

كان يجب أن يغلق منذ سنوات.

رد

التعليقات مغلقة.
""",
        [
            ("مارتا كويل", 0, "لقد أغلقوا الرصيف الغربي أيضا.", "2012-07-10T13:26:00"),
            ("أوسكار", 0, "كان يجب أن يغلق منذ سنوات.", "2012-07-11T09:05:00"),
        ],
        2,
        open=False,
    ),
    Case(
        "fa",
        "بندر اسکله‌اش را می‌بندد",
        """بندر اسکله‌اش را می‌بندد

شورای بندر ونیک روز سه‌شنبه رای داد که اسکلهٔ شرقی برای دو سال بسته شود. مهندسان می‌گویند که
تعمیر آن از ساختن اسکله‌ای نو گران‌تر است.

۳ دیدگاه دربارهٔ «بندر اسکله‌اش را می‌بندد»

مارتا کویل گفت:
۲۰ تیر ۱۳۹۱ در ۱:۲۶ ب.ظ

اسکلهٔ غربی را هم بستند.

پاسخ دادن

اسکار گفت:
۲۱ تیر ۱۳۹۱ در ۹:۰۵ ق.ظ

باید سال‌ها پیش بسته می‌شد.

پاسخ دادن

اینگا گفت:
ژوئیه ۱۲, ۲۰۱۲ در ۱۰:۰۰ ق.ظ

تو هرگز آنجا ماهی نگرفتی.

برای پاسخ دادن وارد شوید

دیدگاه‌ها بسته شده‌اند.
""",
        [
            ("مارتا کویل", 0, "اسکلهٔ غربی را هم بستند.", "2012-07-10T13:26:00"),
            ("اسکار", 0, "باید سال‌ها پیش بسته می‌شد.", "2012-07-11T09:05:00"),
            ("اینگا", 0, "تو هرگز آنجا ماهی نگرفتی.", "2012-07-12T10:00:00"),
        ],
        3,
        open=False,
        furniture=("پاسخ دادن",),
    ),
    Case(
        "tr",
        "Liman iskelesini kapatıyor",
        """Liman iskelesini kapatıyor

Vennik liman kurulu salı günü doğu iskelesini iki yıl kapatma kararı aldı. Mühendisler onarımın
yeni bir iskeleden pahalı olacağını söylüyor.

“Liman iskelesini kapatıyor” için 2 yorum

Marta Kuil dedi ki:
10 Temmuz 2012, 13:26

Batıdakini de kapattılar, bir daha açılmadı.

Cevapla

Oskar dedi ki:
11 Temmuz 2012, 09:05

İyi oldu, tahtalar çürümüştü.

Cevapla

Bir Cevap Yazın
""",
        [
            (
                "Marta Kuil",
                0,
                "Batıdakini de kapattılar, bir daha açılmadı.",
                "2012-07-10T13:26:00",
            ),
            ("Oskar", 0, "İyi oldu, tahtalar çürümüştü.", "2012-07-11T09:05:00"),
        ],
        2,
        furniture=("Cevapla",),
    ),
    Case(
        "zh",
        "港口关闭码头",
        """港口关闭码头

温尼克港务委员会星期二投票决定将东码头关闭两年。工程师们说，修理的费用比建一座新码头还要高。

《港口关闭码头》有2个想法

玛尔塔说道：
2012年7月10日 下午1:26

西码头也关了，再也没有开过。

回复

奥斯卡说道：
2012年7月11日 上午9:05

早就该关了，木板都烂了。

登录以回复

评论已关闭。
""",
        [
            ("玛尔塔", 0, "西码头也关了，再也没有开过。", "2012-07-10T13:26:00"),
            ("奥斯卡", 0, "早就该关了，木板都烂了。", "2012-07-11T09:05:00"),
        ],
        2,
        open=False,
        furniture=("回复",),
    ),
    Case(
        "zh",
        "港口關閉碼頭",
        """港口關閉碼頭

溫尼克港務委員會星期二投票決定將東碼頭關閉兩年。工程師們說，修理的費用比建一座新碼頭還要高。

「港口關閉碼頭」有 2 則迴響

瑪爾塔 說：
2012 年 7 月 10 日 下午 1:26

西碼頭也關了，再也沒有開過。

回覆

奧斯卡 說：
2012 年 7 月 11 日 上午 9:05

早就該關了，木板都爛了。

回覆

發表迴響
""",
        [
            ("瑪爾塔", 0, "西碼頭也關了，再也沒有開過。", "2012-07-10T13:26:00"),
            ("奧斯卡", 0, "早就該關了，木板都爛了。", "2012-07-11T09:05:00"),
        ],
        2,
        furniture=("回覆",),
    ),
    Case(
        "ja",
        "港が桟橋を閉鎖",
        """港が桟橋を閉鎖

ウェニック港の委員会は火曜日、東の桟橋を二年間閉鎖することを決めた。技師たちは、修理には新しい桟橋より金がかかると言う。

「港が桟橋を閉鎖」への 2 件のフィードバック

マルタ より:
2012年7月10日 1:26 PM

西の桟橋も閉鎖されたままです。

返信

オスカル より:
2012年7月11日 9:05 AM

腐っていたのだから当然です。

返信

コメントは停止中です。
""",
        [
            ("マルタ", 0, "西の桟橋も閉鎖されたままです。", "2012-07-10T13:26:00"),
            ("オスカル", 0, "腐っていたのだから当然です。", "2012-07-11T09:05:00"),
        ],
        2,
        open=False,
        furniture=("返信",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.language} {case.title}")
def test_language(case: Case) -> None:
    parsed = parse(case.text, format="text")
    assert [
        (
            comment.author_name,
            comment.depth,
            comment.text,
            comment.created_at.isoformat() if comment.created_at else None,
        )
        for comment in parsed.comments
    ] == case.comments
    assert parsed.article.title == case.title
    assert parsed.article.language == case.language
    assert parsed.stated_comment_count == case.stated
    assert parsed.comments_open is case.open
    everything = [parsed.article.text, *(comment.text or "" for comment in parsed.comments)]
    assert not any(word in text for word in case.furniture for text in everything)
    assert case.text.split("\n")[2] in parsed.article.text
