/** What tokens may grant: one box each, with what it lets a program do. */
import { useTranslation } from 'react-i18next';
import { Checkbox } from '../../../primitives/Field';
import { pageStyles } from '../../../primitives/Page';
import { GRANTS, type Grant } from '../grants';

export function Grants({
  label,
  among = GRANTS,
  chosen,
  onChange,
}: {
  label: string;
  among?: readonly Grant[];
  chosen: readonly Grant[];
  onChange: (grants: Grant[]) => void;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className={pageStyles.stack}>
      <legend>{label}</legend>
      {GRANTS.filter((grant) => among.includes(grant)).map((grant) => (
        <Checkbox
          key={grant}
          label={t(`programs.grant.${grant}`)}
          showLabel
          isSelected={chosen.includes(grant)}
          onChange={(on) =>
            onChange(on ? [...chosen, grant] : chosen.filter((other) => other !== grant))
          }
        />
      ))}
    </fieldset>
  );
}
