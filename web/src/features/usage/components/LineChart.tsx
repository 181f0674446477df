/** Lines over time: a picture for those who see, and the same numbers as a table for everybody. */
import { scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import styles from './Usage.module.css';

export type Series<Point> = { id: string; label: string; of: (point: Point) => number };

/** Until it is measured. */
const WIDTH = 640;
const HEIGHT = 160;
const LEFT = 64;
const BOTTOM = 22;
const TOP = 8;

export function LineChart<Point extends { at: number }>({
  title,
  points,
  series,
  whole,
  value,
  when,
}: {
  title: string;
  points: Point[];
  /** Two at most: each has a colour and a dash of its own. */
  series: Series<Point>[];
  /** Whether half of one is nonsense. */
  whole?: boolean;
  value: (value: number) => string;
  when: (at: number) => string;
}) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const titleId = useId();
  return (
    <figure className={styles.chart} aria-labelledby={titleId}>
      <figcaption className={styles.caption}>
        <h3 id={titleId}>{title}</h3>
        {series.length > 1 && (
          <span className={styles.legend} aria-hidden="true">
            {series.map(({ id, label }, index) => (
              <span key={id}>
                <svg width="18" height="8" aria-hidden="true">
                  <line x1="0" y1="4" x2="18" y2="4" className={styles.line} data-series={index} />
                </svg>
                {label}
              </span>
            ))}
          </span>
        )}
        <Button small look="quiet" aria-expanded={asTable} onPress={() => setAsTable(!asTable)}>
          {asTable ? t('usage.asChart') : t('usage.asTable')}
        </Button>
      </figcaption>
      {asTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section className={styles.tableBox} aria-label={title} tabIndex={0}>
          <Numbers {...{ title, points, series, value, when }} />
        </section>
      ) : (
        <>
          <Picture {...{ points, series, value, when }} whole={whole === true} />
          <div className="visually-hidden">
            <Numbers {...{ title, points, series, value, when }} />
          </div>
        </>
      )}
    </figure>
  );
}

type Parts<Point> = {
  points: Point[];
  series: Series<Point>[];
  value: (value: number) => string;
  when: (at: number) => string;
};

/** The picture is drawn as wide as it is shown: its texts keep the size of texts. */
function useWidth() {
  const box = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(WIDTH);
  useEffect(() => {
    if (!box.current || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, width] as const;
}

function Picture<Point extends { at: number }>({
  points,
  series,
  whole,
  value,
  when,
}: Parts<Point> & { whole: boolean }) {
  const [box, width] = useWidth();
  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? 1;
  const most = Math.max(1, ...points.flatMap((point) => series.map(({ of }) => of(point))));
  const x = scaleLinear([first, Math.max(last, first + 1)], [LEFT, width - 8]);
  const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]).nice(3);
  const ticks = y.ticks(3).filter((mark) => !whole || Number.isInteger(mark));
  // Two that read alike say nothing.
  const marks = ticks.filter(
    (mark, index) => index === 0 || value(mark) !== value(ticks[index - 1] as number),
  );
  const moments = [first, (first + last) / 2, last];
  return (
    <svg ref={box} viewBox={`0 0 ${width} ${HEIGHT}`} className={styles.picture} aria-hidden="true">
      {marks.map((mark) => (
        <g key={mark}>
          <line x1={LEFT} x2={width - 8} y1={y(mark)} y2={y(mark)} className={styles.grid} />
          <text x={LEFT - 6} y={y(mark) + 4} textAnchor="end" className={styles.mark}>
            {value(mark)}
          </text>
        </g>
      ))}
      {moments.map((at, index) => (
        <text
          key={at}
          x={x(at)}
          y={HEIGHT - 6}
          textAnchor={(['start', 'middle', 'end'] as const)[index]}
          className={styles.mark}
        >
          {when(at)}
        </text>
      ))}
      {series.map(({ id, of }, index) => {
        const shape = { x: (point: Point) => x(point.at), y: (point: Point) => y(of(point)) };
        const path = line<Point>(shape.x, shape.y).curve(curveMonotoneX)(points) ?? '';
        const below = area<Point>(shape.x, y(0), shape.y).curve(curveMonotoneX)(points) ?? '';
        return (
          <g key={id}>
            {index === 0 && <path d={below} className={styles.area} />}
            <path d={path} className={styles.line} data-series={index} />
          </g>
        );
      })}
    </svg>
  );
}

/** Only moments at which something went on. */
function Numbers<Point extends { at: number }>({
  title,
  points,
  series,
  value,
  when,
}: Parts<Point> & { title: string }) {
  const { t } = useTranslation();
  const told = points.filter((point) => series.some(({ of }) => of(point) > 0));
  return (
    <table className={styles.table}>
      <caption className="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{t('usage.when')}</th>
          {series.map(({ id, label }) => (
            <th key={id} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {told.map((point) => (
          <tr key={point.at}>
            <th scope="row">{when(point.at)}</th>
            {series.map(({ id, of }) => (
              <td key={id}>{value(of(point))}</td>
            ))}
          </tr>
        ))}
        {told.length === 0 && (
          <tr>
            <td colSpan={series.length + 1}>{t('usage.nothing')}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
