import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const fury: MantineColorsTuple = ['#eef0fd', '#dadefa', '#b3baf0', '#8a95e8', '#6674df', '#5061d9', '#4c5fd5', '#3a4cbe', '#3243ab', '#263897']

// What destroys. The middle ones are for dark pages, the last ones for light ones: text in them keeps its contrast.
const red: MantineColorsTuple = ['#fdebe9', '#fbd5d1', '#ff9c94', '#ff8c82', '#f2695e', '#e5594d', '#c0392f', '#b8271d', '#a32118', '#8c1b13']

const dark: MantineColorsTuple = ['#c9cfdb', '#b4bcca', '#9ba4b5', '#5f6878', '#3a4150', '#2e333f', '#1f232d', '#181b23', '#12141a', '#0d0f14']

export const theme = createTheme({
  primaryColor: 'fury',
  primaryShade: { light: 7, dark: 6 },
  colors: { fury, red, dark },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  defaultRadius: 'md',
  headings: { fontWeight: '640', sizes: { h1: { fontSize: '22px', lineHeight: '30px' }, h2: { fontSize: '15px', lineHeight: '22px' } } },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Text: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false, checkIconPosition: 'right' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    // It goes at once: what it is about, and so its name, is gone by then.
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, transitionProps: { exitDuration: 0 } } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 'md' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
})

/** Few colours, each with one meaning; quiet texts keep a contrast of 4.5 to 1 in both schemes. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fbfbfc',
    '--mantine-color-text': '#1d2129',
    '--mantine-color-dimmed': '#5c6472',
    '--mantine-color-placeholder': '#69717f',
    '--mantine-color-default-border': '#dfe2e8',
    '--mantine-color-anchor': '#3243ab',
    '--mantine-color-error': '#c0271d',
    '--f-panel': '#ffffff',
    '--f-line': '#e7e9ee',
    '--f-sunken': '#f3f4f7',
    '--f-candidate': '#4c5fd5',
    '--f-candidate-soft': '#e4e7fb',
    '--f-current': '#7d8796',
    '--f-current-soft': '#e6e9ee',
    '--f-ok': '#23915a',
    '--f-ok-soft': '#e0f4e9',
    '--f-bad': '#cf3a2f',
    '--f-bad-soft': '#fdebe9',
    '--f-wait': '#c17a0a',
    '--f-wait-soft': '#fdf2dc',
  },
  dark: {
    '--mantine-color-body': '#12141a',
    '--mantine-color-text': '#e4e7ee',
    '--mantine-color-dimmed': '#9ba4b5',
    '--mantine-color-placeholder': '#8d96a7',
    '--mantine-color-default-border': '#2e333f',
    '--mantine-color-default': '#1f232d',
    '--mantine-color-default-hover': '#272c38',
    '--mantine-color-anchor': '#a3aef5',
    '--mantine-color-error': '#ff8c82',
    '--f-panel': '#181b23',
    '--f-line': '#262b36',
    '--f-sunken': '#1f232d',
    '--f-candidate': '#8a95e8',
    '--f-candidate-soft': '#2a3058',
    '--f-current': '#8a94a6',
    '--f-current-soft': '#2a2f3a',
    '--f-ok': '#4cc38a',
    '--f-ok-soft': '#17352a',
    '--f-bad': '#f2695e',
    '--f-bad-soft': '#43211f',
    '--f-wait': '#e5a93d',
    '--f-wait-soft': '#3d3018',
  },
})
