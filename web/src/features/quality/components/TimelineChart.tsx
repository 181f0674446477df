/** Lines of one stay over its time, drawn by uPlot, which is fetched with the first chart. */
import { useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import styles from './Quality.module.css';

export type Line = { label: string; values: (number | null)[]; color: string; dash?: number[] };

const HEIGHT = 180;

export function TimelineChart({
  times,
  lines,
  least,
  value,
  time,
}: {
  /** Milliseconds since 1970. */
  times: number[];
  lines: Line[];
  /** The top of the picture where all values are small. */
  least: number;
  value: (value: number) => string;
  time: (at: number) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    let chart: uPlot | undefined;
    let gone = false;
    const resized = new ResizeObserver(() =>
      chart?.setSize({ width: parent.clientWidth, height: HEIGHT }),
    );
    void import('uplot').then(({ default: UPlot }) => {
      if (gone) return;
      const color = (name: string) => colorOf(parent, name);
      const axis = {
        stroke: color('--chart-mark'),
        grid: { stroke: color('--chart-grid'), width: 1 },
        ticks: { stroke: color('--chart-grid'), width: 1 },
        font: `12px ${getComputedStyle(parent).fontFamily}`,
      };
      chart = new UPlot(
        {
          width: parent.clientWidth,
          height: HEIGHT,
          ms: 1,
          legend: { live: false },
          cursor: { drag: { x: true, y: false } },
          padding: [null, 36, null, null],
          scales: { y: { range: (_, __, most) => [0, Math.max(least, most * 1.1)] } },
          axes: [
            // Times of twelve hours are long.
            { ...axis, space: 96, values: (_, splits) => splits.map(time) },
            { ...axis, size: 80, values: (_, splits) => splits.map(value) },
          ],
          series: [
            {},
            ...lines.map(({ label, color: name, dash }) => ({
              label,
              stroke: color(name),
              width: 2,
              dash,
              points: { show: times.length < 3 },
            })),
          ],
        },
        [times, ...lines.map(({ values }) => values)],
        parent,
      );
      resized.observe(parent);
    });
    return () => {
      gone = true;
      resized.disconnect();
      chart?.destroy();
    };
  }, [times, lines, least, value, time]);
  return <div ref={box} className={styles.plot} aria-hidden="true" />;
}

/** A canvas knows no `light-dark()` and no variables: the page says what colour that is now. */
function colorOf(parent: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  parent.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
