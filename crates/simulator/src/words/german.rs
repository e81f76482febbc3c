//! German texts. English ones are in [`english`](super::english).

use super::{Subject, Vocabulary};

pub(super) const VOCABULARY: Vocabulary = Vocabulary {
    judgements: &[
        "Vor der Auskunft zum Vertrag wurden Geburtsdatum und Postleitzahl abgefragt und mit dem Datensatz verglichen.",
        "Die Kundin fragte zweimal nach dem Rückruf; erst beim zweiten Mal nannte der Agent eine Uhrzeit.",
        "Der Ton bleibt durchgehend freundlich, auch als der Kunde auf die lange Wartezeit hinweist.",
        "Es wurde eine kostenlose Möglichkeit genannt und in einfachen Worten erklärt.",
        "Die Zusammenfassung am Ende deckt alle drei Anliegen ab,  offen blieb nichts.",
        "Der vorgeschriebene Hinweis zur Aufzeichnung fehlt in der Begrüßung. ",
        "Wo die Rechnung unklar war, ging der Agent sie Zeile für Zeile durch, statt nur die Summe zu nennen.",
        "Aus den Nachrichten geht nicht hervor, ob die Gutschrift schon gebucht ist oder erst angekündigt wurde.",
        "Die Pause von rund vierzig Sekunden wurde angekündigt und begründet.",
    ],
    subjects: &[
        Subject {
            intent: "Umzug des Stromvertrags anmelden",
            topic: "Vertragsumzug",
            keywords: &[
                "neue Anschrift",
                "Zählernummer",
                "Übergabe",
                "Schlussrechnung",
                "Einzug",
            ],
        },
        Subject {
            intent: "Gutschrift für eine doppelte Abbuchung erhalten",
            topic: "Doppelte Abbuchung",
            keywords: &[
                "Lastschrift",
                "doppelt",
                "Gutschrift",
                "Kontoauszug",
                "Rückerstattung",
            ],
        },
        Subject {
            intent: "Termin mit der Technikerin verschieben",
            topic: "Terminverschiebung",
            keywords: &[
                "Termin",
                "Technikerin",
                "Zeitfenster",
                "vormittags",
                "Bestätigung",
            ],
        },
        Subject {
            intent: "Passwort für das Kundenportal zurücksetzen",
            topic: "Zugang zum Portal",
            keywords: &["Passwort", "Kundenportal", "Sicherheitscode", "gesperrt"],
        },
        Subject {
            intent: "Schaden am Fahrrad melden",
            topic: "Schadenmeldung",
            keywords: &["Fahrrad", "Schloss", "Kaufbeleg", "Anzeige", "Selbstbehalt"],
        },
        Subject {
            intent: "Tarif vor Ablauf der Laufzeit wechseln",
            topic: "Tarifwechsel",
            keywords: &[
                "Laufzeit",
                "Datenvolumen",
                "Monatspreis",
                "Treuerabatt",
                "Wechsel",
            ],
        },
        Subject {
            intent: "Nachforschung zu einem Paket beauftragen",
            topic: "Vermisstes Paket",
            keywords: &[
                "Sendungsnummer",
                "Nachbar",
                "Abstellort",
                "Nachforschung",
                "Empfänger",
            ],
        },
        Subject {
            intent: "Rechnungsanschrift berichtigen",
            topic: "Anschrift",
            keywords: &["Hausnummer", "Rechnung", "berichtigen", "Straße"],
        },
        Subject {
            intent: "Ratenzahlung für die Nachforderung vereinbaren",
            topic: "Ratenzahlung",
            keywords: &[
                "vier Raten",
                "Nachforderung",
                "Fälligkeit",
                "Mahngebühr",
                "Vereinbarung",
            ],
        },
        Subject {
            intent: "Zusatzoption zum Monatsende kündigen",
            topic: "Kündigung der Option",
            keywords: &["Zusatzoption", "Monatsende", "Kündigung", "Bestätigung"],
        },
        Subject {
            intent: "Auskunft über gespeicherte Daten erhalten",
            topic: "Datenauskunft",
            keywords: &["Auskunft", "gespeicherte Daten", "Frist", "Ausweis"],
        },
    ],
    utterances: &[
        "Guten Tag, ich habe eine Frage zu meiner letzten Rechnung.",
        "Das hat mir Ihre Kollegin gestern anders erklärt …",
        "Können Sie mir das bitte  schriftlich geben?",
        "Prima, vielen Dank! 😊",
        "Nein, die Nummer endet auf sieben.",
        "Ich rufe jetzt schon zum dritten Mal deswegen an. ",
    ],
    answers: &[
        "Eine Lastschrift kann acht Wochen lang zurückgegeben werden. Schneller geht es, wenn wir den Betrag erstatten; das dauert zwei Werktage.",
        "Beim Umzug läuft der Vertrag weiter. Wir brauchen das Datum, die neue Anschrift und den Zählerstand am Tag der Übergabe.",
        "Der Techniktermin lässt sich bis zum Vorabend um 18 Uhr kostenlos verschieben.",
        "Für Schäden bis 500 EUR genügen Fotos und der Kaufbeleg.",
    ],
};
