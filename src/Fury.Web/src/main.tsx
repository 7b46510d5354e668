import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app.css'
import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { asProblem } from './api/problem'
import { makeRouter } from './router'
import { theme, variables } from './theme'

const RETRIES_MAX = 3

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      // A host that is away comes back; what it has refused it refuses again.
      retry: (count, error) => asProblem(error).isAway && count < RETRIES_MAX,
    },
  },
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <ModalsProvider>
          <Notifications position="bottom-right" autoClose={5000} />
          <RouterProvider router={makeRouter(client)} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
