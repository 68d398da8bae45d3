/** What trunks and phones of many countries write where a caller shows no number. Data; accents, case and blanks do not count. */

/** Alone, or with one of the nouns before or behind it. */
export const NOBODY = `
  anonymous unknown unavailable private withheld restricted blocked hidden suppressed confidential secret unpublished unidentified undisclosed unlisted
  anonym anonyme unbekannt unbekannte unbekannter unterdrückt unterdrückte verborgen verborgene geheim geheime
  privé masqué masquée caché inconnu inconnue privat private privater
  anonimo anônimo desconocido desconocida privado privada oculto oculta desconhecido desconhecida reservado
  sconosciuto sconosciuta privata privato nascosto nascosta riservato riservata
  anoniem onbekend onbekende afgeschermd verborgen
  okänd okänt dolt hemligt skyddat ukendt ukjent skjult hemmelig hemmeligt tuntematon salainen
  nieznany nieznane zastrzeżony zastrzeżone prywatny prywatne ukryty anonimowy
  neznámé neznámý skryté skrytý soukromé soukromý ismeretlen rejtett necunoscut ascuns gizli bilinmeyen özel
  скрыт скрыто скрытый скрытая неизвестен неизвестно неизвестный неизвестная определён определен неопределён неопределен анонимный анонимно аноним частный засекречен
  прихований приховано невідомий невідомо анонімний άγνωστος απόκρυψη ανώνυμος
  匿名 未知 私人 私密 保密 隐藏 隐私 隐匿 未显示 不显示 未提供 无法显示 无法识别 受限 限制
  隱藏 隱私 隱匿 未顯示 不顯示 無法顯示 無法識別
  非通知 非表示 通知不可能 表示圏外 不明 익명 비공개 표시제한 알수없음 제한
  مجهول محجوب خاص חסוי חסויה
`

export const NOUNS = `
  number caller callerid id call name user party subscriber phone
  nummer rufnummer anrufer anruf teilnehmer numéro numero appel appelant número llamada llamante chamada chiamata chiamante
  beller samtal opkald numer numero číslo volání szám numara arayan номер абонент звонок виклик αριθμός
  号码 来电 来电号码 主叫 电话 電話 號碼 來電 來電號碼 番号 電話番号 着信 번호 발신 발신자 발신번호 전화
  رقم מספר
`

/** As they are, and nothing else. */
export const PHRASES = [
  'no number',
  'no name',
  'no caller id',
  'no id',
  'not available',
  'out of area',
  'not provided',
  'not disclosed',
  'invalid',
  'none',
  'null',
  'nil',
  'na',
  'o',
  'p',
  'keine nummer',
  'keine rufnummer',
  'ohne rufnummer',
  'non disponible',
  'non communiqué',
  'indisponible',
  'no disponible',
  'sin número',
  'sin identificar',
  'não identificado',
  'sem número',
  'non disponibile',
  'geen nummer',
  'номер не определён',
  'не определён',
  'нет номера',
  'без номера',
  'không xác định',
  'số ẩn',
  'ẩn số',
  'ไม่แสดงหมายเลข',
  '无号码',
  '无主叫',
  '无来电显示',
  '無號碼',
  '無來電顯示',
  '番号非通知設定',
  '公衆電話',
  '번호 없음',
  '발신번호 표시제한',
]
