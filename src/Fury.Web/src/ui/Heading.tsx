import { type ReactNode, useEffect } from 'react'
import styles from './Heading.module.css'

interface Props {
  title: string
  above?: ReactNode
  /** What is said of it in one line, in the order of its weight. */
  facts?: ReactNode[]
  actions?: ReactNode
}

/** The head of a page; its title is the tab's too. */
export function Heading({ title, above, facts, actions }: Props) {
  useEffect(() => {
    document.title = `${title} · Fury`
    return () => void (document.title = 'Fury')
  }, [title])
  return (
    <div className={styles.head}>
      {above && <div className={styles.above}>{above}</div>}
      <div className={styles.line}>
        <h1>{title}</h1>
        {facts?.map((fact, index) => (
          <span className="quiet" key={index}>
            {fact}
          </span>
        ))}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
    </div>
  )
}
