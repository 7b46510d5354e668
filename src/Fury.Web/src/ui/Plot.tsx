import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { clocksOf, TIME_STEPS } from './axis'
import styles from './Plot.module.css'

export interface Line {
  label: string
  /** A variable of the theme, such as --f-candidate. */
  color: string
  isDashed?: boolean
}

export interface Mark {
  /** Seconds of Unix time. */
  at: number
  label: string
}

interface Props {
  title: string
  lines: Line[]
  /** Seconds of Unix time first, then one list for each line. */
  data: uPlot.AlignedData
  format: (value: number) => string
  marks?: Mark[]
  height?: number
}

const AXIS_WIDTH = 62

/** A plot of some lines over time. All plots of a page show the same moment when the pointer is over one of them. */
export function Plot({ title, lines, data, format, marks = [], height = 150 }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const shown = useRef({ format, marks, data })
  const scheme = useComputedColorScheme('light')
  const shape = lines.map((line) => `${line.label}${line.color}${line.isDashed}`).join()
  useEffect(() => {
    shown.current = { format, marks, data }
    plot.current?.setData(data)
  }, [format, marks, data])

  useEffect(() => {
    const element = place.current!
    const style = getComputedStyle(document.documentElement)
    const color = (name: string) => style.getPropertyValue(name).trim()
    const quiet = color('--mantine-color-dimmed')
    const axis = { stroke: quiet, font: "11px 'Inter Variable', sans-serif", ticks: { show: false } }
    const grid = { stroke: color('--f-line'), width: 1 }
    const made = new uPlot(
      {
        width: element.clientWidth || 300,
        height,
        legend: { show: false },
        padding: [8, 6, 0, 0],
        cursor: { sync: { key: 'traffic' }, y: false, points: { size: 5 }, drag: { x: false, y: false } },
        scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
        axes: [
          { ...axis, grid: { show: false }, size: 24, space: 90, incrs: TIME_STEPS, values: (_, values) => clocksOf(values) },
          { ...axis, grid, size: AXIS_WIDTH, space: 34, values: (_, values) => values.map((value) => shown.current.format(value)) },
        ],
        series: [
          {},
          ...lines.map((line) => ({
            label: line.label,
            stroke: color(line.color),
            width: 1.6,
            dash: line.isDashed ? [4, 4] : undefined,
            points: { show: false },
            spanGaps: true,
          })),
        ],
        hooks: {
          draw: [(drawn) => drawMarks(drawn, shown.current.marks, quiet)],
          setCursor: [(moved) => tell(moved, element.parentElement!, lines, shown.current.format)],
        },
      },
      shown.current.data,
      element,
    )
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth || 300, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = null
    }
    // The lines are read by their shape: a list that is made anew each time is the same plot.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, scheme, height])

  return (
    <figure
      className={styles.plot}
      aria-label={`${title}: ${lines.map((line, index) => `${line.label} ${last(data[index + 1], format)}`).join(', ')}`}
    >
      <figcaption>
        <b>{title}</b>
        {lines.map((line, index) => (
          <span key={line.label} className="num">
            <i style={{ background: `var(${line.color})`, opacity: line.isDashed ? 0.6 : 1 }} aria-hidden />
            {line.label} <em data-line={index}>{last(data[index + 1], format)}</em>
          </span>
        ))}
      </figcaption>
      <div ref={place} style={{ height }} aria-hidden />
    </figure>
  )
}

function last(values: ArrayLike<number | null | undefined> | undefined, format: (value: number) => string) {
  for (let at = (values?.length ?? 0) - 1; at >= 0; at--) {
    const value = values![at]
    if (value !== null && value !== undefined) {
      return format(value)
    }
  }
  return '–'
}

/** Writes the numbers under the pointer into the caption, past React: the pointer moves more often than a page should be drawn. */
function tell(plot: uPlot, figure: HTMLElement, lines: Line[], format: (value: number) => string) {
  lines.forEach((_, index) => {
    const text = figure.querySelector(`em[data-line="${index}"]`)
    const at = plot.cursor.idx
    const value = at === null || at === undefined ? null : plot.data[index + 1]?.[at]
    if (text) {
      text.textContent =
        at === null || at === undefined ? last(plot.data[index + 1], format) : value === null || value === undefined ? '–' : format(value)
    }
  })
}

function drawMarks(plot: uPlot, marks: Mark[], color: string) {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = color
  ctx.globalAlpha = 0.75
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
  ctx.font = `${10 * devicePixelRatio}px 'Inter Variable', sans-serif`
  let free = -1
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark.at, 'x', true))
    if (x < bbox.left || x > bbox.left + bbox.width) {
      continue
    }
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    if (x > free) {
      ctx.fillText(mark.label, x + 4 * devicePixelRatio, bbox.top + 9 * devicePixelRatio)
      free = x + ctx.measureText(mark.label).width + 8 * devicePixelRatio
    }
  }
  ctx.restore()
}
