import { Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, forwardRef } from 'react'

type Props = ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps>

/** A link that looks like a button; one that is disabled leads nowhere. */
const Anchor = forwardRef<HTMLAnchorElement, Props>(({ disabled, ...props }, ref) =>
  disabled ? <Button disabled {...({ ...props, href: undefined } as object)} /> : <Button component="a" ref={ref} {...props} />,
)
Anchor.displayName = 'LinkButton'

export const LinkButton = createLink(Anchor)
