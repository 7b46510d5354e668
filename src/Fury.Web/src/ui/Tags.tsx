import { titled } from './words'

const MARKS: Record<string, string> = { low: '', medium: '', high: 'wait', critical: 'bad' }

/** How bad it is when it is down: only what is high has a colour. */
export function Criticality({ of }: { of: string }) {
  return (
    <span className="quiet" style={{ fontSize: 12, minWidth: 54, textAlign: 'right', color: MARKS[of] ? `var(--f-${MARKS[of]}-text)` : undefined }}>
      {titled(of)}
    </span>
  )
}

export const Release = ({ version }: { version?: string | null }) =>
  version ? (
    <span className="num" style={{ fontWeight: 560 }}>
      {version}
    </span>
  ) : (
    <>–</>
  )
