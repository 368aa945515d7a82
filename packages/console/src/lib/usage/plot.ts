/**
 * Plot: bands as columns on a canvas, with uPlot. Dragging over it chooses a time; pointing at it tells which column.
 *
 * The colours are read from the page, so that they follow its theme; a plot is made anew for another one.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatClock, formatCount, formatDay, formatUtcDay } from '#lib/format.ts';
import type { Step } from './chart-range.ts';

export interface PlotShape {
  /** Codes of the bands, the highest first. */
  readonly codes: readonly string[];
  readonly step: Step;
  readonly height: number;
}

export interface PlotData {
  /** Starts of the steps, epoch ms. */
  readonly times: readonly number[];
  /** In the order of the codes. */
  readonly tops: readonly (readonly number[])[];
  readonly from: number;
  readonly to: number;
  readonly limit: number | null;
  readonly most: number;
}

export interface PlotEvents {
  /** Times in epoch ms. */
  readonly onchoose: (from: number, to: number) => void;
  /** The column that is pointed at; null = none. */
  readonly onpoint: (index: number | null) => void;
}

export interface Plot {
  show(data: PlotData): void;
  resize(width: number): void;
  destroy(): void;
}

/** 1, 2, 5, 10, 20 … */
const wholeSteps = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();
/** Fewer pixels than this are a click, not a choice. */
const leastDragPx = 8;

/** The present value of a colour token, as a canvas takes it. */
function colours(place: HTMLElement): (token: string) => string {
  const probe = place.appendChild(document.createElement('span'));
  const read = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  queueMicrotask(() => probe.remove());
  return read;
}

const others = ['--ink-3', '--edge', '--ink-2', '--line'] as const;

/** The colour token of a band: verdigris for what passed, a limit's colour for what a limit refused, grey for the rest. */
export function tokenOf(code: string, codes: readonly string[]): string {
  if (code === 'accepted') return '--live';
  if (code === 'rate_limited') return '--crit';
  if (code === 'quota_exceeded') return '--warn';
  const rest = codes.filter((one) => !['accepted', 'rate_limited', 'quota_exceeded'].includes(one)).toSorted();
  return others[rest.indexOf(code) % others.length] ?? '--ink-3';
}

function tickText(step: Step, times: readonly number[]): string[] {
  let day = '';
  return times.map((seconds) => {
    const at = seconds * 1000;
    if (step === 'DAY') return formatUtcDay(at);
    const isNewDay = formatDay(at) !== day;
    day = formatDay(at);
    return step === 'HOUR' && isNewDay ? `${day}\n${formatClock(at)}` : formatClock(at);
  });
}

/** Puts an empty plot in its place; `show` fills it. */
export function createPlot(place: HTMLElement, shape: PlotShape, events: PlotEvents): Plot {
  const colour = colours(place);
  const { codes, step, height } = shape;
  const ink = colour('--ink-3');
  const line = colour('--line');
  const limitColour = colour('--ink');
  const font = `12px ${getComputedStyle(place).fontFamily}`;
  let now: PlotData | undefined;

  const paths = uPlot.paths.bars?.({ size: [0.8, 32, 1], align: 1 });
  const series = codes.map((code) => ({
    fill: colour(tokenOf(code, codes)),
    width: 0,
    points: { show: false },
    ...(paths && { paths }),
  }));
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      ms: 1e-3,
      ...(step === 'DAY' && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') }),
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: leastDragPx } },
      scales: {
        x: { range: () => [(now?.from ?? 0) / 1000, (now?.to ?? 1) / 1000] },
        y: { range: () => [0, Math.max(4, now?.most ?? 0, now?.limit ?? 0) * 1.08] },
      },
      axes: [
        { ...axis, grid: { show: false }, space: 64, values: (_chart, times) => tickText(step, times) },
        // Counts are whole.
        {
          ...axis,
          size: 56,
          incrs: wholeSteps,
          values: (_chart, counts) => counts.map(formatCount),
        },
      ],
      series: [{}, ...series],
      hooks: {
        draw: [(drawn) => drawLimit(drawn, now?.limit ?? null, limitColour)],
        setCursor: [
          ({ cursor }) => events.onpoint(cursor.left !== undefined && cursor.left >= 0 ? indexAt(chart, now) : null),
        ],
        setSelect: [
          (drawn) => {
            const { left, width } = drawn.select;
            if (width < leastDragPx) return;
            events.onchoose(drawn.posToVal(left, 'x') * 1000, drawn.posToVal(left + width, 'x') * 1000);
            drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    [[], ...codes.map(() => [])],
    place,
  );
  return {
    show(data) {
      now = data;
      chart.setData([data.times.map((at) => at / 1000), ...data.tops.map((tops) => [...tops])]);
    },
    resize: (width) => chart.setSize({ width, height }),
    destroy: () => chart.destroy(),
  };
}

/** A column stands to the right of its time: the last one that began before the pointer. */
function indexAt(chart: uPlot, data: PlotData | undefined): number | null {
  const at = chart.posToVal(chart.cursor.left ?? 0, 'x') * 1000;
  const index = data?.times.findLastIndex((time) => time <= at) ?? -1;
  return index < 0 ? null : index;
}

function drawLimit(chart: uPlot, limit: number | null, colour: string): void {
  if (limit === null) return;
  const { ctx, bbox } = chart;
  const y = Math.round(chart.valToPos(limit, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
