import { UnstyledButton } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { memo, useId, useState } from 'react'
import type { AuditEntry } from '../api/office'
import { State } from '../ui/Bits'
import { exact } from '../ui/words'
import { changesOf, unchanged } from './changes'
import styles from './Audit.module.css'

const BASE = /^\/?api\/v1\//
const FIELDS_MAX = 200

/** One entry in a line; what was before and after, and the rest, when it is opened. */
export const AuditLine = memo(({ of }: { of: AuditEntry }) => {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  const isDenied = of.result === 'denied'
  const failed = !isDenied && of.status >= 400
  return (
    <div role="listitem" className={styles.entry}>
      <UnstyledButton className={styles.line} onClick={() => setOpen(!isOpen)} aria-expanded={isOpen} aria-controls={id}>
        <IconChevronRight size={14} className={styles.chevron} aria-hidden />
        <time dateTime={of.at} className={`num quiet ${styles.time}`}>
          {exact(of.at)}
        </time>
        <span className={styles.who}>
          <b>{of.caller || 'nobody known'}</b> {of.via !== of.caller && <span className="quiet">{of.via}</span>}
        </span>
        <span className={`mono ${styles.what}`}>
          <b>{of.method}</b> {of.path.replace(BASE, '')}
        </span>
        <State tone={isDenied ? 'bad' : failed ? 'wait' : 'ok'}>{isDenied ? 'Denied' : failed ? `Refused ${of.status}` : 'Done'}</State>
      </UnstyledButton>
      {isOpen && (
        <div id={id} className={styles.more}>
          <Facts of={of} />
          <Changes of={of} />
        </div>
      )}
    </div>
  )
})
AuditLine.displayName = 'AuditLine'

function Facts({ of }: { of: AuditEntry }) {
  const facts: [string, string | undefined | null][] = [
    ['Entry', `${of.seq}`],
    ['Route', of.route],
    ['Needed', of.permission],
    ['Why', of.why],
    ['Answer', `${of.status}`],
    ['Token or session', of.credential],
    ['From', of.from],
    ['Application', of.application],
    ['Scope', of.scope],
    ['Hash', of.hash],
  ]
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd className={name === 'Why' ? '' : 'mono'}>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

function Changes({ of }: { of: AuditEntry }) {
  const changes = changesOf(of.before, of.after)
  return changes.length === 0 ? (
    <p className="quiet" style={{ margin: 0 }}>
      {unchanged(of)}
    </p>
  ) : (
    <div className="scroll-x" tabIndex={0} role="group" aria-label="What was changed">
      <table className={styles.changes}>
        <thead>
          <tr>
            <th>Field</th>
            <th>Before</th>
            <th>After</th>
          </tr>
        </thead>
        <tbody className="mono">
          {changes.slice(0, FIELDS_MAX).map((one) => (
            <tr key={one.field}>
              <td>{one.field || '(all of it)'}</td>
              <td>{one.before === undefined ? <span className="quiet">–</span> : <del>{one.before}</del>}</td>
              <td>{one.after === undefined ? <span className="quiet">–</span> : <ins>{one.after}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {changes.length > FIELDS_MAX && <p className="quiet">{changes.length - FIELDS_MAX} more fields differ; the export has them.</p>}
    </div>
  )
}
