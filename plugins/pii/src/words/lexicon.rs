//! The words themselves.

use super::Topic;
use Topic::{Account, Birth, Card, Filler, Licence, National, Other, Passport, Phone, Routing, SortCode, Ssn};

/// Words of a topic, small letters, a space between two. One that ends in `*` is the beginning of words.
pub(super) const WORDS: &[(Topic, &str)] = &[
    (
        Phone,
        "angerufen anruf* appel* appelez bel bellen belt call callback called caller calling calls cell cellphone \
         cellular cellulare celular celulares chiam* contact contacto contatto contato kontakt* desk dial dialed dialing dialled dialling dzwoni* \
         erreich* fax faxnummer festnetz gsm handy handynummer helpline hotline hívj* joignable joindre komork* \
         komórk* landline ligar ligue llam* llám* mob mobil mobile mobiles mobilfunk* mobilnummer mobiltelefon* \
         movil msisdn móvil natel pager ph phone* phoned portable puhelin* rang reach reached recapit* ring \
         ringing rufe ruf rufen rufnummer sms tel telefax* telefon* telefone* telefono* telefonsz* telegram \
         telephone* teléf teléfono* tél téléphon* viber voicemail whatsapp zadzwo*",
    ),
    (
        Account,
        "acc account accounts acct bankkonto compte conta conto cuenta hesap konto kontonr kontonummer rachun* \
         rekening*",
    ),
    (Routing, "aba routing rtn"),
    (Ssn, "ssn ssns"),
    (
        National,
        "afm amka bsn burgerservice* cnp codfisc contribuinte dni fiscal* ident identification \
         identifikationsnummer identity idnr insee insurance insz itin nie nif nifs nin nino nir niss nrn nss \
         personalnummer personnr personnummer pesel rijksregister* rodne rodné rodného samordningsnummer securite \
         sofinummer steuer* sécu sécurité taxpayer tin",
    ),
    (Passport, "pasaporte paspoort* passaporte passaporto passeport passport* paszport* reisepass*"),
    (
        Birth,
        "bday birth birthdate birthday birthdays born dob född fødsel* geb geboorte* geboren geburt* nacid* \
         nacimiento naissance nascid* nascimento nascita nata nato né née urodz*",
    ),
    (
        Card,
        "amex card cards carta carte cartão creditcard karte kartennummer kreditkarte* maestro mastercard pan \
         tarjeta visa",
    ),
    (
        Other,
        "address amount article asin balance barcode batch bestellung bic block booking budget bug build byte \
         bytes case chapter claim code codes commande commit coordinates cost costs customer distance doi driver \
         ean employee epoch errno error factura facture firmware flight gtin guid hash height iban iccid id ids \
         imei imsi invoice invoices isbn issn issue issues item items job key keys lat latitude licence licences \
         license licenses line lines lng lon longitude lot md member model mrn nonce offset order orders page \
         pages parcel part patient pedido pid plz pmid policy population port postal postcode price product \
         profit qty quantity receipt rechnung ref reference release request revenue revision row salary score \
         section seed serial session sha shipment size sku span student sum swift task ticket tickets timestamp \
         token total totals trace tracking transaction txn uid units unix upc user uuid vat version year years \
         zip",
    ),
    (
        Filler,
        "a al am an and are as at au auf aux be das der die e el es est for her his il im in is ist it la le ma \
         me mein meine meu mi minha mon my no nr nro num number numbers numer numero nummer numéro número of on \
         or our sind son that the their this to under unter us via was you your à",
    ),
    (Licence, "carnet dl fuehrerschein* führerschein* körkort* rijbewijs*"),
    (SortCode, "sortcode"),
];

/// Two words that together say more than the second alone.
pub(super) const PHRASES: &[(&str, &str, Topic)] = &[
    ("my", "registered", Phone),
    ("your", "registered", Phone),
    ("his", "registered", Phone),
    ("her", "registered", Phone),
    ("my", "number", Phone),
    ("your", "number", Phone),
    ("his", "number", Phone),
    ("her", "number", Phone),
    ("our", "number", Phone),
    ("their", "number", Phone),
    ("meine", "nummer", Phone),
    ("text", "me", Phone),
    ("text", "us", Phone),
    ("text", "him", Phone),
    ("text", "her", Phone),
    ("text", "them", Phone),
    ("social", "security", Ssn),
    ("social", "insurance", Ssn),
    ("soc", "sec", Ssn),
    ("ni", "number", National),
    ("id", "nr", National),
    ("caller", "id", Phone),
    ("sort", "code", SortCode),
    ("sort", "codes", SortCode),
    ("sortcode", "is", SortCode),
    ("national", "id", National),
    ("tax", "id", National),
    ("personal", "id", National),
    ("citizen", "id", National),
    ("steuer", "id", National),
    ("fiscal", "id", National),
    ("national", "number", National),
    ("tax", "number", National),
    ("personal", "number", National),
    ("fiscal", "code", National),
    ("tax", "code", National),
    ("numéro", "fiscal", National),
    ("sécurité", "sociale", National),
    ("card", "id", Other),
    ("identity", "card", National),
    ("id", "card", National),
    ("driv*", "licen*", Licence),
    ("driver", "s", Filler),
    ("s", "licen*", Licence),
    ("drivers", "licen*", Licence),
    ("permis", "de", Filler),
    ("de", "conduire", Licence),
    ("patente", "di", Filler),
    ("di", "guida", Licence),
    ("de", "conducir", Licence),
    ("prawo", "jazdy", Licence),
];

/// Parts of words in other scripts, which may be written without spaces.
pub(super) const SCRIPTS: &[(&str, Topic)] = &[
    ("телефон", Phone),
    ("Телефон", Phone),
    ("тел", Phone),
    ("Тел", Phone),
    ("моб", Phone),
    ("τηλ", Phone),
    ("Τηλ", Phone),
    ("κινητό", Phone),
    ("电话", Phone),
    ("電話", Phone),
    ("手机", Phone),
    ("手機", Phone),
    ("携帯", Phone),
    ("전화", Phone),
    ("휴대폰", Phone),
    ("паспорт", Passport),
    ("Паспорт", Passport),
    ("护照", Passport),
    ("αμκα", National),
    ("ΑΜΚΑ", National),
    ("αφμ", National),
    ("ΑΦΜ", National),
    ("à", Filler),
];
