// Types of the data that the JavaScript modules exchange, for `tsc --checkJs`. They are global, so that a JSDoc comment
// names them without an import, and are not part of the package.

/** Samples from `first` to `last`, both may lie between samples. */
interface Span {
  first: number;
  last: number;
}

/** The visible part: samples across, fractions of the highest frequency up. */
interface Region extends Span {
  low: number;
  high: number;
}

/** A rectangle in CSS pixels. */
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** One value of the output. */
interface CellIndex {
  frame: number;
  bin: number;
}

/** A cell of one panel: modes of two parts have a panel for each. */
interface Cell extends CellIndex {
  panel: number;
}

/** A point of the plane of time and frequency. */
interface Point {
  sample: number;
  /** In Hz, or in cycles per sample where the sound has no sample rate. */
  hz: number;
}

/** What Python says about a picture, see `Picture.header` in `raster/picture.py`. */
interface Header {
  serial: number;
  version: number;
  /** Name of the sound. */
  name: string;
  n_samples: number;
  /** In seconds, or in samples where there is no sample rate. */
  duration: number;
  has_rate: boolean;
  n_frames: number;
  n_bins: number;
  n_fft: number;
  window_length: number;
  step_samples: number;
  /** Zeros that the padding puts before the sound. */
  left: number;
  /** Distance of two bins, Hz. */
  spacing: number;
  /** Highest frequency, Hz. */
  top: number;
  panels: string[];
  mode: string;
  kind: "sequential" | "diverging" | "cyclic";
  label: string;
  unit: string;
  /** With its reference. */
  full_unit?: string;
  /** Decibels that the displayed ones exceed those of the layer's values. */
  offset?: number;
  /** Unit of the layer's value where decibels are displayed, else of its decibels. */
  other_unit?: string;
  /** Decibels to add to a power spectral density for its value per Hz; null for other quantities. */
  per_hertz?: number | null;
  /** Title of that value. */
  per_hertz_unit?: string;
  has_decibels: boolean;
  /** The axis of a mel spectrogram or MFCC, on which each row is 1 high; null for bins. */
  bands?: Bands | null;
  rows: number;
  columns: number;
  /** Value of code 1. */
  low: number;
  /** Value of code 65535. */
  high: number;
  /** Distance of two levels, where the picture of a saved page has but few. */
  resolution?: number | null;
  /** Whether code 1 stands for minus infinity. */
  has_zeros?: boolean;
  automatic: [number, number];
  is_whole: boolean;
  visible: [number, number, number, number] | null;
  /** What is to be said of the picture: that it is a preview. */
  sentence: string;
}

/** The rows of a mel spectrogram or MFCC. */
interface Bands {
  name: "band" | "coefficient";
  scale: "htk" | "slaney";
  /** Mel at which the first band begins. */
  low: number;
  /** Mel from one edge to the next. */
  step: number;
  /** Of coefficients their numbers. */
  numbers: number[] | null;
  /** Bands without a bin. */
  empty: number[];
}

/** A picture as codes: rows x columns of each panel, row 0 lowest. */
interface Layer {
  header: Header;
  codes: Uint16Array;
  rowStarts: Int32Array;
  columnStarts: Int32Array;
}

/** Lowest and highest sample of equal parts between two samples. */
interface Envelope extends Span {
  minimum: Float32Array;
  maximum: Float32Array;
}

/** An axis: `toUnit` maps a value of `domain` to 0 to 1, `invert` is its inverse. */
interface Scale {
  type: string;
  domain: [number, number];
  toUnit(value: number): number;
  invert(unit: number): number;
  /** Of a frequency axis: "linear", "log", "mel" or "notes". */
  axis?: string;
}

/** Colours and font of the page's theme. */
interface Theme {
  ink: string;
  muted: string;
  line: string;
  accent: string;
  hair: string;
  second: string;
  paper: string;
  wave: string;
  veil: string;
  font: string;
  /** Colours of a chart's items by name, dashes by line style, colour maps by kind. */
  colours: Record<string, string>;
  dashes: Record<string, number[]>;
  maps: Record<string, string>;
}

interface Plot extends Box {
  title: string;
}

/** Where plots, spectra and colour bar lie on the stage. */
interface Layout {
  plots: Plot[];
  spectra: Box[];
  bar: Box;
  left: number;
  plotWidth: number;
  width: number;
  height: number;
}

/** What lies under the pointer: a part of the stage, and the position in its plot from 0 to 1. */
interface StagePoint {
  part: "plot" | "spectrum" | "frequency" | "time" | "waveform" | "";
  panel: number;
  across: number;
  up: number;
}

/** The axes that a gesture is about. */
interface GestureAxes {
  time: boolean;
  frequency: boolean;
}

/** A box that is being dragged. */
interface Drag extends GestureAxes {
  panel: number;
  from: { across: number; up: number };
  to: { across: number; up: number };
}

/** What a word about the framing means: spans of samples and a band of frequencies. */
interface Highlight {
  spans: [number, number][];
  band: [number, number] | null;
  caption: string;
}

/** One frame by the equivalent noise bandwidth of its window. */
interface ResolutionBox extends Region {
  bandwidth: number;
}

/** Everything that the painter draws. `picture` and `region` are there once something has been computed. */
interface Scene {
  picture: Layer | any;
  whole: Layer | null;
  waves: Envelope[];
  /** Largest magnitude of the waveform. */
  peak: number;
  region: Region | any;
  cursor: Cell | null;
  pins: Cell[];
  curves: Curve[];
  drag: Drag | null;
  box: ResolutionBox | null;
  frame: { first: number; length: number; window: Float32Array | null } | null;
  highlight: Highlight | null;
  /** 256 RGB triples in hexadecimal. */
  table: string;
  range: [number, number];
  axis: string;
  timeUnit: string;
  /** Which samples are NaN or infinite, in a sentence. */
  gaps: string;
  /** Of A and B the displayed one and the other; empty without a B. */
  compared: string[];
  /** Of the visible part; null while it is not known, and for modes without levels. */
  mean: MeanSpectrum | null;
}

/** A curve beside the picture, for each panel, with bins `spacing` apart. */
interface Curve {
  role: "cursor" | "other" | "pin" | "mean";
  values: Float32Array[];
  spacing: number;
}

/** Mean spectrum of the visible part, see `MeanSpectrum` in `state/mean_spectrum.py`. */
interface MeanSpectrum {
  values: Float32Array;
  /** What it is the mean of. */
  region?: Region;
  /** That of the whole band. */
  level: number | null;
  peak_bin: number;
  n_used: number;
  n_frames: number;
  per_hertz: number | null;
  is_onesided: boolean;
}

/** Exact values of one frame, its samples, and the window. */
interface FrameSlice {
  values: Float32Array;
  samples: Float32Array;
  window: Float32Array;
  /** The spectrum of the other of A and B at the same time. */
  other: { values: Float32Array; spacing: number } | null;
}

/** The part of anywidget's model that views use. */
interface Model {
  get(name: string): any;
  set(name: string, value: any): void;
  save_changes(): void;
  on(names: string, listener: (...about: any[]) => void): void;
  off(names: string, listener: (...about: any[]) => void): void;
  send(content: any, callbacks?: any, buffers?: ArrayBuffer[]): void;
  widget_manager?: any;
}

/** What anywidget hands to `render`. */
interface ViewContext {
  model: Model;
  el: HTMLElement;
}

/** A control of a form, see `Control` in `summary/controls.py`. */
interface Control {
  name: string;
  label: string;
  kind: string;
  tooltip: string;
  unit: string;
  group: string;
  choices: any[];
  span: [number, number];
  steps: number;
  step: number;
  optional: boolean;
}

/** What fields need of a view: unique ids and a way to set a trait. */
interface Form {
  id(part: string): string;
  set(name: string, value: any): void;
}

/** A control on the page. */
interface Field {
  el: HTMLElement;
  show(value: any, context?: any): void;
  disable(reason: string): void;
  fail(sentence: string | undefined): void;
}
