import { Link, Outlet } from '@tanstack/react-router'
import { Empty } from '../ui/Bits'
import { useMay } from '../ui/Me'
import styles from './Office.module.css'

/** What only those see who run Fury itself. */
export function Office() {
  const may = useMay('operate')
  return may ? (
    <div className={styles.office}>
      <nav className={styles.nav} aria-label="Back office">
        <Link to="/backoffice" activeOptions={{ exact: true }}>
          Health
        </Link>
        <Link to="/backoffice/fleet">Fleet</Link>
        <Link to="/backoffice/capacity">Capacity</Link>
        <Link to="/backoffice/cost">Cost</Link>
        <Link to="/backoffice/deployments">Deployments</Link>
        <Link to="/backoffice/campaigns">Campaigns</Link>
        <Link to="/backoffice/upgrades">Upgrades</Link>
        <Link to="/backoffice/agents">Agents</Link>
        <Link to="/backoffice/sagas">Sagas</Link>
        <Link to="/backoffice/mesh">Mesh</Link>
        <Link to="/backoffice/webhooks">Webhooks</Link>
        <Link to="/backoffice/audit">Audit</Link>
      </nav>
      <div className={styles.page}>
        <Outlet />
      </div>
    </div>
  ) : (
    <Empty title="The back office is for those who run Fury.">You lack the permission "operate". Ask the platform team for it.</Empty>
  )
}
