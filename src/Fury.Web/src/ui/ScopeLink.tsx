import { Link } from '@tanstack/react-router'
import { nameOf } from './words'

export const ScopeLink = ({ of }: { of: { application: string; scope: string } }) => (
  <Link to="/applications/$application/$scope" params={of} className="plain-link">
    <b style={{ fontWeight: 560 }}>{nameOf(of)}</b>
  </Link>
)
