/** One's own small picture: in a corner of the stage, dragged or sent to another, hidden and shown again. */
import { EyeOff, Move, UserRound } from 'lucide-react';
import { type PointerEvent, type ReactNode, type RefObject, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../../primitives/Button';
import {
  type Corner,
  cornerByKey,
  FIRST_CORNER,
  nearestCorner,
  nextCorner,
  ownCorner,
  ownHidden,
} from '../corner';
import styles from './Stage.module.css';

type Drag = { fromX: number; fromY: number; x: number; y: number };

export function OwnPicture({
  floating,
  stage,
  children,
}: {
  /** Over the stage, in a corner; else where it stands. */
  floating: boolean;
  stage: RefObject<HTMLElement | null>;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const corner = ownCorner.use() ?? FIRST_CORNER;
  const hidden = ownHidden.use() === 'yes';
  const [said, setSaid] = useState('');
  const [drag, setDrag] = useState<Drag | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const moveTo = (to: Corner) => {
    ownCorner.choose(to);
    setSaid(t(`own.at.${to}`));
  };
  const begin = (event: PointerEvent) => {
    if (!floating || (event.target as Element).closest('button')) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ fromX: event.clientX, fromY: event.clientY, x: 0, y: 0 });
  };
  const move = (event: PointerEvent) => {
    if (!drag) return;
    setDrag({ ...drag, x: event.clientX - drag.fromX, y: event.clientY - drag.fromY });
  };
  const end = () => {
    const own = frame.current?.getBoundingClientRect();
    const around = stage.current?.getBoundingClientRect();
    if (drag && own && around) {
      const x = own.left + own.width / 2 - around.left;
      const y = own.top + own.height / 2 - around.top;
      moveTo(nearestCorner(x, y, around.width, around.height));
    }
    setDrag(null);
  };
  return (
    <section
      className={styles.own}
      aria-label={t('own.title')}
      data-testid="own-picture"
      data-floating={floating}
      data-corner={corner}
      data-hidden={hidden}
    >
      {hidden ? (
        <Button small className={styles.showOwn} onPress={() => ownHidden.choose(undefined)}>
          <UserRound size={18} aria-hidden="true" />
          {t('own.show')}
        </Button>
      ) : (
        <div
          ref={frame}
          className={styles.ownFrame}
          data-dragged={drag !== null}
          style={drag ? { translate: `${drag.x}px ${drag.y}px` } : undefined}
          onPointerDown={begin}
          onPointerMove={move}
          onPointerUp={end}
          onPointerCancel={() => setDrag(null)}
        >
          {children}
          <div className={styles.ownTools}>
            {floating && (
              <IconButton
                small
                round
                label={t('own.move')}
                className={styles.tileTool}
                onPress={() => moveTo(nextCorner(corner))}
                onKeyDown={(event) => {
                  const to = cornerByKey(corner, event.key);
                  if (to) moveTo(to);
                  else event.continuePropagation();
                }}
              >
                <Move size={17} aria-hidden="true" />
              </IconButton>
            )}
            <IconButton
              small
              round
              label={t('own.hide')}
              className={styles.tileTool}
              onPress={() => ownHidden.choose('yes')}
            >
              <EyeOff size={17} aria-hidden="true" />
            </IconButton>
          </div>
        </div>
      )}
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </section>
  );
}
