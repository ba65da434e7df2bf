//! Classes of words that rules name as `@class`. Normalised: lower case, no marks.

/// Class and its words.
pub(crate) const CLASSES: &[(&str, &str)] = &[
    // Setting aside what was said.
    (
        "drop",
        "ignore ignores ignoring disregard disregarding forget forgetting overlook overlooking override overriding neglect \
      bypass bypassing discard discarding dismiss erase skip omit abandon nevermind \
      ignorier ignoriere ignorieren ignoriert vergiss vergesst missachte \
      ignorez ignore ignorer oubliez oublie oublier \
      ignora ignore ignorar ignorad olvida olvide olvidar omite omita \
      desconsidere esqueca dimentica ignorare ignorate",
    ),
    (
        "prior",
        "previous previously prior above earlier preceding preceeding foregoing past former before initial original existing all any every other \
      system your these those everything following current \
      vorherigen vorherige bisherigen bisherige obigen vorigen vorangegangenen alle alles deine ihre \
      precedentes precedente precedents anterieures anterieure toutes tous vos tes \
      anteriores anterior previas previa previos todas todos tus sus \
      instrucoes precedenti tutte tutti",
    ),
    (
        "order",
        "instruction instructions prompt prompts direction directions directive directives command commands rule rules guideline guidelines \
      programming training conditioning constraints \
      anweisung anweisungen befehle vorgaben regeln anleitungen instruktionen \
      consigne consignes directives regles \
      instruccion instrucciones ordenes reglas indicaciones directrices \
      instrucoes istruzioni",
    ),
    // The model and its maker.
    ("model", "ai chatbot bot llm gpt chatgpt gpt3 gpt4 assistant model openai claude gemini bard"),
    ("maker", "openai openal anthropic google meta microsoft"),
    (
        "limit",
        // "Without limitation" and "without restriction" are the words of every licence.
        "restrictions limitations limits filter filters censorship guideline guidelines boundaries boundary \
      constraints rules safeguards confines morals ethics morality moral ethical ethic policy policies guardrails scruples inhibitions \
      einschrankungen beschrankungen regeln filter grenzen \
      restricciones limitaciones filtros limites reglas \
      restrictions limites filtres regles contraintes",
    ),
    (
        "free",
        "no not without free freed zero ignoring ignore ignores never lacks lacking beyond bypass bypasses bypassing remove removed removes disable disabled \
      override overrides unbound broken unlimited disregard disregards violate violates break breaks \
      ohne keine sans aucune aucun sin ninguna ningun sem",
    ),
    (
        "loose",
        "unfiltered uncensored unrestricted unethical immoral amoral jailbroken jailbreak jailbreaked unmoderated unhinged unbiased lawless \
      nonrestricted limitless unshackled unconstrained ungefiltert unzensiert uneingeschrankt",
    ),
    (
        "become",
        "act acts acting pretend pretending roleplay roleplaying simulate simulates simulating imitate impersonate emulate emulating embody behave \
      immerse become transform respond play playing",
    ),
    (
        "bad",
        "illegal unethical immoral harmful dangerous offensive explicit violent nsfw profanity profane swear curse inappropriate derogatory \
      racist sexist sexual hateful unlawful malicious criminal",
    ),
    (
        "refuse",
        "refuse refuses refusing refused decline declines reject rejects apologize apologizes apologise apologies sorry warn warns disclaimer disclaimers warnings lecture \
      moralize moralizing",
    ),
    // Getting at what is hidden.
    (
        "reveal",
        "reveal show print output repeat display tell give share disclose leak dump recite echo list provide return write expose encode translate summarize \
      paraphrase rephrase complete \
      zeige zeig verrate wiederhole gib nenne ausgeben \
      montre montrez revele revelez repete repetez affiche affichez donne donnez \
      muestra muestrame revela revele repite imprime dime mostre repita mostra",
    ),
    (
        "hiddenprompt",
        "prompt prompts instruction instructions message directive directives configuration rules guidelines \
      anweisungen instrucciones consignes",
    ),
    (
        "shape",
        "add append include insert integrate incorporate embed enhance modify adjust alter replace substitute encode encrypt scramble jumble reverse \
      render convert translate begin start end finish format shift mask provide mention promote insert capitalize misspell rewrite transform",
    ),
    ("yours", "answer response reply output message responses answers summary"),
    ("send", "send email forward transmit share mail upload post deliver"),
    (
        "fetch",
        "retrieve fetch get find search list access collect gather read extract download share obtain look check view",
    ),
    (
        "act",
        "delete transfer grant unlock remove schedule pay buy sell send install update redirect move cancel disable enable create change leave \
      share book withdraw purchase deposit turn open shut order review manage add make revoke erase",
    ),
    // For the scorer, and some rules.
    (
        "task",
        "explain describe summarize summarise translate write compose provide suggest recommend list calculate compute determine identify \
      generate create draft outline analyze analyse compare classify rewrite paraphrase answer respond discuss name define solve \
      convert design develop plan prepare propose illustrate demonstrate research investigate evaluate assess categorize detect extract \
      tell give teach help advise remind craft imagine brainstorm debug implement count estimate predict rank rate sort review \
      erklare beschreibe ubersetze schreibe nenne explique decris traduis ecris explica describe traduce escribe traduza escreva spiega traduci scrivi",
    ),
    (
        "secretword",
        "password passwords passphrase passcode credentials credential passwort kennwort contrasena contrasenas senha parola \
      haslo wachtwoord lozenka sifre losenord adgangskode apikey пароль пароли",
    ),
    (
        "person",
        "user users customer customers client clients employee employees patient patients victim recipient admin administrator people anyone human",
    ),
    (
        "ask",
        "who what where when why how which whose whats wer was wo wie warum qui quoi ou comment pourquoi quien cual donde como quem qual onde chi dove",
    ),
    (
        "cipher",
        "base64 base32 base58 base85 hex hexadecimal binary morse cipher caesar rot13 leetspeak leet pig latin reverse reversed backwards backward \
      cyrillic emoji emojis acrostic encoded encoding ascii unicode vigenere atbash scrambled anagram",
    ),
    (
        "urgent",
        "important urgent urgently immediately attention critical must crucial warning notice emergency asap mandatory required note",
    ),
    (
        "power",
        "system admin administrator developer root override superuser sudo god creator owner maintainer authority official debug kernel operator master",
    ),
    (
        "fiction",
        "hypothetical hypothetically imagine fictional fiction story novel scene screenplay parallel universe dystopian simulation suppose supposedly \
      scenario roleplay game character pretend world",
    ),
    (
        "begin",
        "say start begin respond reply answer output print write preface followed following instead simply only exactly",
    ),
    ("self", "i me my mine myself i'm"),
    ("you", "you your yours yourself u ur du dein deine tu ton vous votre tus usted voce seu"),
    (
        "private",
        "email address birth birthday birthdate ssn phone salary balance history location account accounts contacts calendar files documents data \
      records card payment medical bank details information transactions investment holdings genetic personal",
    ),
    (
        "thing",
        "door lock alarm light lights camera robot car vehicle device thermostat shipment order appointment booking meeting payment money funds \
      file files folder backup server database instance post tweet message channel note reminder",
    ),
];
