/** Every text of the page, by language. Names in braces are filled in. */

const ENGLISH = {
  title: "inkdigits: handwritten digits, read on your machine",
  skip: "Skip to the content",
  views: "Views",
  draw: "Draw",
  picture: "Picture",
  camera: "Camera",
  history: "History",
  inside: "Look inside",

  newVersion: "A new version is ready.",
  useNewVersion: "Use it now",

  loading: "Loading...",
  drawHere: "Draw a number here",
  pad: "Drawing pad. With the keyboard: arrows move the pen, Space sets it down and lifts it, question mark shows all keys.",
  empty: "Canvas is empty",
  number: "Number:",
  share: "({share})",
  notDigit: "Not a digit",
  byServer: "read by the server until the networks are loaded",
  onServer: "read by the server: this browser cannot run the networks",
  failed: "This could not be read: {why}",
  alternatives: "or",
  tools: "Tools",
  penWidth: "Pen width",
  eraser: "Eraser",
  undo: "Undo",
  redo: "Redo",
  clear: "Clear",
  blackCanvas: "Black canvas",
  keys: "Keys",
  keep: "Keep this",
  kept: "Kept",
  bars: "Probability of each digit",
  digit: "Digit",
  probability: "Probability",
  best: "most probable",
  seenPatch: "What the network sees: 28 x 28",
  seenStrip: "What the network sees: a line of digits",
  seenNothing: "What the network sees",
  which: "Digit of the number",
  nth: "Digit {n}: {label}",

  network: "Network",
  networkFacts: "{n} parameters, {size}",
  networkOwn: "yours",
  networkNoScore: "tells digits from other signs less well",
  networkBroken: "{name} cannot be used: {why}",
  networkLines: "Numbers of several digits are read by the network for lines.",
  card: "Card of {name}",
  cardShort: "card",

  keysTitle: "Keys",
  keyPen: "Move the pen",
  keyFine: "Move it a little",
  keyDown: "Pen down, pen up",
  keyWidth: "Thinner, wider pen",
  keyHelp: "Show these keys",
  keysFocus: "Keys without Ctrl work while the pad has the focus.",
  close: "Close",

  drop: "Drop pictures or PDF files here",
  dropHere: "Drop pictures here",
  dropMore: "or paste them, or",
  choose: "Choose files",
  formats: "PNG, JPEG, WebP, TIFF, GIF, BMP, PDF. Everything stays on the machine that runs inkdigits.",
  formatsHere: "PNG, JPEG, WebP, GIF, BMP. They are read in this page, and stay in it.",
  here: "No server stands behind this page: it reads one digit or one number from each picture by itself. Pages of numbers, PDF and TIFF files, spreadsheets and kept results need inkdigits on your machine.",
  layout: "What it shows",
  layoutAuto: "Find out",
  layoutDigit: "One digit",
  layoutNumber: "One number",
  layoutPage: "A page",
  expect: "Digits per number",
  expectAny: "any",
  files: "Files",
  page: "{name}, page {page} of {n}",
  reading: "Reading ...",
  shows: "The picture, with the digits that were read in it",
  overlay: "Digits in the picture",
  overlayDigit: "{label}, {share}",
  overlayDoubtful: "{label}, doubtful, {share}",
  overlayCorrected: "{label}, corrected",
  nothing: "No digits found",
  lines: "What was read",
  doubtful: "doubtful",
  corrected: "corrected",
  chooseDigit: "Choose a digit to see how sure it is. To correct it, type another.",
  digitOf: "Digit {n} of {text}",
  score: "Looks like a digit at all: {share}",
  others: "The whole line, other ways to read it",
  correct: "This digit is",
  correctLine: "The line is",
  correctAll: "It is",
  lineHint: "Digits, points, commas, and ? for what is no digit",
  save: "Correct",
  savedHere: "Corrected here and in JSON and CSV files.",
  savedKept: "Corrected, and kept with the result.",
  download: "Download",
  stages: "Show the steps",
  stagesTitle: "How it was read, step by step",
  remove: "Remove",
  noCorrections: "XLSX and the annotated picture show what was read, without corrections made here.",

  cameraLead: "Read a number with the camera",
  cameraPrivacy: "What it sees is read in this page. Nothing is sent, and nothing is stored.",
  cameraOn: "Turn on the camera",
  cameraOff: "Turn off",
  cameraOther: "Other camera",
  cameraStarting: "Waiting for the camera ...",
  cameraLooking: "Hold a number into the frame",
  cameraSteady: "Hold it still",
  cameraLocked: "Locked",
  cameraFrozen: "Frozen",
  cameraNothing: "Nothing read yet",
  freeze: "Freeze",
  goOn: "Go on",
  copy: "Copy",
  copied: "Copied: {text}",
  copyFailed: "The browser did not let the page copy it.",
  lockedOn: "Locked: {text}",
  cameraRefused: "The camera is not allowed here. Allow it for this page, by the sign beside its address or in the settings of the system, and turn it on again.",
  cameraNone: "There is no camera. Connect one, and turn it on again.",
  cameraBusy: "The camera cannot be opened: another program uses it. Close that one, and try again.",
  cameraInsecure: "Browsers give a camera only to secure pages: open this one by https, or on the machine that runs inkdigits by http://localhost.",
  cameraGone: "The camera was taken away, or turned off elsewhere.",
  cameraFailed: "The camera does not work.",

  keepResults: "Keep results",
  keepWhy: "Off: nothing is stored. On: what you read from now on is kept on the machine that runs inkdigits.",
  search: "Search",
  searchHint: "file or number",
  noResults: "Nothing is kept yet.",
  noMatches: "Nothing matches.",
  more: "Show more",
  open: "Open",
  delete: "Delete",
  deleteSure: "Delete {name} for good?",
  deleted: "{name} is deleted.",
  exportAll: "Export all",
  blank: "blank",

  tokenTitle: "This server asks for a token",
  token: "Token",
  tokenWrong: "That was not the token.",
  tokenWhy: "It was printed when the server was started.",
  enter: "Enter",
  cancel: "Cancel",
  again: "Try again",
  annotated: "Annotated picture",

  guide: "Guide",
  guideTitle: "Digits by hand, read on your machine",
  guideLead: "Write a digit or a number, or show a picture of one. You see at once what is read, and how sure it is.",
  guideLead2: "The film shows how, in less than a minute.",
  tour: "A tour of inkdigits, with captions and without sound",
  guideUse: "How to use it",
  guideDraw: "Write on the pad with a mouse, a finger, a pen or the keyboard: one digit, or several with points and commas. Ten bars say how likely each digit is. In a number, choose one of its digits to see its own bars.",
  guideInside: "See what each layer of a network makes of your digit, what its answer rests on, and which training digits it finds alike.",
  guidePicture: "Drop a picture, paste it, or choose a file. What was read lies over it. Choose a digit to see how sure it is, and type another where it is wrong.",
  guideCamera: "Hold a number in the frame. It is read live, and held once it is steady. No picture leaves the page, unless you keep one.",
  guideHistory: "Switch “Keep results” on, and what you read is kept, found again, exported and deleted here.",
  guideSure: "How sure it is",
  guideShare: "A share stands beside each answer. It is honest: of 100 digits that are read with 90 %, about 90 are right.",
  guideDoubt: "Dashed: doubtful. Look at these first.",
  guideRejected: "There is something, and it is no digit that the network would stand for: a letter, a scribble, two digits in one.",
  guideLimits: "What it cannot do",
  guideLimitKind: "It reads Western digits that were written by hand. It does not read other scripts, words or print, and takes a few letters for digits: a z for a 2, above all.",
  guideLimitShapes: "A 1 with a long flag may become a 7, and a 4 that is closed at its top a 9.",
  guideLimitPens: "Thick pens that fill the loops, and the shadow of a hand over faint pencil, lead it astray.",
  guideLimitBlank: "A photo of blank paper is not always found blank, least of all where a table is on it.",
  guideLimitNumbers: "Numbers and whole pages are read less well than single digits, and worst where digits touch.",
  guideLimitPeople: "Nothing that matters to people should rest on it alone: let a person look at what is doubtful.",
  guideHowWell: "How well it reads",
  guideUnseen: "Measured on digits that it never saw, by writers that it never saw. So many are read right:",
  measuredWhat: "Written",
  measuredShare: "Read right",
  measuredMnist: "Digits from MNIST's test set, cut out",
  measuredPads: "Digits drawn on pads",
  measuredPaper: "Digits photographed on paper",
  measuredApart: "Numbers on paper, their digits apart",
  measuredTouching: "Numbers on paper, digits touching",
  measuredCheques: "Amounts on real bank cheques",
  measuredPages: "Numbers on pages among words and boxes",
  guideNetwork: "The network in plain words",
  guideCardSize: "The network “{name}” consists of {parameters} numbers that were learned, {size} in all. To look at one digit it multiplies {macs} times.",
  guideCardData: "It learned from {digits} digits of {sets} collections, which it saw in {epochs} rounds, turned, stretched and spoilt in ever new ways, and from letters and scribbles that are no digits.",
  guideCardHeld: "{held} digits were held back to find out how sure it may be; of these it reads {share} right.",
  guideCardWhole: "The whole model card",
  guidePrivate: "What becomes of what you show",
  guidePrivateDraw: "What you draw is read in this browser and stays in it.",
  guidePrivateServer: "Pictures go to the machine that runs inkdigits, and from there nowhere. Nothing is kept unless “Keep results” is on.",
  guidePrivateAlone: "Pictures are read in it as well. There is no server that could see them.",
  guidePrivateNone: "There are no cookies, nobody is counted, and nothing comes from other sites.",
  guideOffline: "Without a network",
  guideOfflineWords: "After the first visit the page works without a network as well. A new version is used as a whole, when you load the page anew.",
  guideInstall: "To have it beside your other apps, choose “Install” or “Add to home screen” in the menu of the browser.",

  insideLead: "What happens between the pen and the answer. Draw a digit and watch every layer; point at a cell of a map to see which part of the digit it saw.",
  insideOther: "Beside it",
  insideAlone: "no other network",
  insideUnknown: "Nothing is known of the layers of {name}. The command 'inkdigits layers {name}' writes it down.",
  insideNone: "To look inside, networks have to run in the browser, and this one cannot run them.",
  samples: "Or look at a training digit",
  sample: "A training digit, {label}; press again for another",
  fromDrawing: "The network gets your digit as 28 × 28 pixels.",
  fromExample: "A training digit, a {label}, as 28 × 28 pixels.",
  numbersTitle: "The digit in numbers",
  numbersWords: "This is all that the network gets: 784 numbers, 0 for paper to 255 for ink. It divides them by 255.",
  lens: "What the network gets, and the part that a cell saw",
  lensHint: "Point at a cell of a map, or reach it with the Tab and arrow keys: here is what it saw.",
  lensMap: "Map {n} of {layer}",
  lensNumber: "Number {n} of {layer}",
  lensPlace: "row {row}, column {column}",
  lensPixel: "It is the pixel in row {row}, column {column}.",
  lensSaw: "It saw {n} × {n} pixels: rows {top} to {bottom}, columns {left} to {right}.",
  lensOutside: "The rest lies outside, where all is paper.",
  lensAll: "It saw the whole digit.",
  workingSum: "Each pixel times the number of the filter at its place, all added: {products}. Its bias of {bias} makes that {total}.",
  workingKept: "It is above zero, and ReLU keeps it.",
  workingZero: "It is not above zero, and ReLU makes it 0.",
  workingPool: "The largest of these is {value}: only that goes on.",
  stations: "All layers in order",
  station: "Go to {layer}, {shape}",
  maps: "{layer}, {shape}. Arrow keys move from cell to cell, Page Up and Page Down from map to map, Home finds the largest.",
  layersTitle: "Layer by layer",
  layersWords: "Each picture is a map of numbers: blue above zero, orange below, and the stronger, the further from zero.",
  layerStandardise: "Standardisation",
  layerConvolution: "Convolution {k} × {k}",
  layerPool: "Maximum of {k} × {k}",
  layerDense: "Fully connected, {n}",
  layerRelu: "{layer}, ReLU",
  saysStandardise: "The mean of all training pixels is taken from each pixel, and what is left divided by their spread. So learning starts with numbers that are neither large nor all above zero.",
  saysFirst: "{n} filters of {k} × {k} numbers slide over the digit, each in search of a pattern of its own: an edge, a bow, an end. Where its map is blue, a filter has found it.",
  saysConvolution: "{n} filters look at {k} × {k} cells of all {n_before} maps at once, and put what was found before together to larger patterns.",
  saysPool: "Of each {k} × {k} cells only the largest goes on, and maps of {from} become maps of {to}: less to compute, and a stroke that lies a pixel off hardly matters.",
  saysDense: "Each of these {n} numbers is a sum of all {n_before} numbers before it. Each has a weight of its own in every sum; learning means to find the weights.",
  saysLast: "One last sum for each label: the highest is the answer.",
  saysEleventh: "The eleventh says how much it is a digit at all.",
  saysSight: "A cell has seen {side} × {side} pixels of the digit.",
  saysAllSeen: "A cell has seen the whole digit by now.",
  saysRelu: "ReLU makes zeros of all numbers below zero: {share} of them are zero now.",
  beforeRelu: "Before ReLU",
  sumDigit: "digit?",
  answerTitle: "The answer",
  answerWords: "The softmax turns the sums into probabilities: all above zero, together 100 %. They are divided by a temperature first, found on digits that it did not learn from, so that of all answers with 90 % about 90 in 100 are right.",
  restTitle: "What the answer rests on",
  restWords: "Paper of {n} × {n} pixels covers one place of the digit after the other, and the network is asked again. Blue: without this ink its answer is less likely. Orange: it is more likely.",
  restMost: "At the deepest blue, the probability of {label} falls by {share}.",
  restLeast: "At the deepest orange, it rises by {share}.",
  restPicture: "The parts of the digit that speak for {label} and against it",
  alikeTitle: "Training digits that it finds alike",
  alikeWords: "Of 1,000 digits from MNIST's training set, these give the most similar numbers before the last layer (1 is the same direction). That is how alike they are to this network, and not always to the eye. Choose one to look inside it.",
  alikeOne: "{label} {likeness}: a training digit and its likeness. Look inside it",
  alikeWait: "It looks at the training digits: {share}",
  tableTitle: "All layers in numbers",
  tableOf: "All layers of {name} in numbers",
  tableCaption: "A window of k × k over n × n cells, p of padding on each side, moving by s, gives a side of (n + 2p − k)/s + 1, rounded down. Shapes are maps × height × width.",
  tableFolded: "{n} more were learned in batch normalisation; they are now part of the convolutions.",
  tableLayer: "Layer",
  tableSize: "Size",
  tableAfter: "Shape after",
  tableParameters: "Parameters",
  tableMacs: "Multiplications",
  tablePatch: "Digit",
  tableSum: "Together",

  error: "{name}: {why}",
  error0: "The server does not answer. Is it running?",
  errorLocal: "The browser cannot open it as a picture. PDF and TIFF files need inkdigits on your machine.",
  errorEngine: "This browser cannot run the networks.",
  errorFile: "It is no longer what it was, or is a folder. Choose the file again.",
  error401: "The server wants a token.",
  error404: "It is not there. {why}",
  error413: "It is too large. {why}",
  error415: "This kind of file cannot be read. {why}",
  error422: "It could not be read. {why}",
  error503: "Not now. {why}",
};

/** @typedef {keyof typeof ENGLISH} Key */

/** Turn English around, word by word, to see a page from right to left: for tests. */
const RIGHT_TO_LEFT = Object.fromEntries(
  Object.entries(ENGLISH).map(([key, text]) => [key, text.replace(/(?<!\{)\b[A-Za-z]+\b(?!\})/g, "\u202e$&\u202c")]),
);

/** @type {Record<string, {direction: "ltr" | "rtl", texts: Record<string, string>}>} */
const LANGUAGES = {
  en: { direction: "ltr", texts: ENGLISH },
  "ar-XB": { direction: "rtl", texts: RIGHT_TO_LEFT },
};

const asked = new URLSearchParams(location.search).get("language") ?? "en";
const language = asked in LANGUAGES ? asked : "en";

/**
 * Return a text, with what stands in braces filled in.
 *
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function text(key, values = {}) {
  return LANGUAGES[language].texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Return a share in [0, 1] as people read it, such as "99.12 %". @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

/** @param {number} n */
export function count(n) {
  return n.toLocaleString(language);
}

/** Return a moment as people read it. @param {string} moment as ISO 8601 has it */
export function when(moment) {
  return new Date(moment).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}

/** Return a number as people read it, with so many decimals. @param {number} value @param {number} [decimals] */
export function number(value, decimals = 2) {
  const rounded = Number(value.toFixed(decimals)) || 0; // and not -0
  return rounded.toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** @param {number} n_bytes */
export function megabytes(n_bytes) {
  return `${(n_bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Write the texts into a page: an element says in `data-text` which one it holds, in `data-label` which one names it.
 *
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const each of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-text]"))) {
    each.textContent = text(/** @type {Key} */ (each.dataset.text));
  }
  for (const each of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-label]"))) {
    const label = text(/** @type {Key} */ (each.dataset.label));
    each.setAttribute("aria-label", label);
    if (each instanceof HTMLButtonElement) each.title = label;
  }
  for (const each of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[data-hint]"))) {
    each.placeholder = text(/** @type {Key} */ (each.dataset.hint));
  }
}

/** Set the language of the page, and write its texts. */
export function startLanguage() {
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES[language].direction;
  document.title = text("title");
  translate(document);
}
