import { Combobox, Kbd, TextInput, useCombobox } from '@mantine/core'
import { useDebouncedValue, useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { applications } from '../api/queries'

const SHOWN_MAX = 8
export const TYPING_MS = 90

/** From any page to any application: / , some letters, Enter. */
export function QuickSearch() {
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim().toLowerCase(), TYPING_MS)
  const input = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() })
  const { data } = useInfiniteQuery({ ...applications(search), enabled: box.dropdownOpened })
  const found = data?.pages[0]?.items.slice(0, SHOWN_MAX) ?? []
  useHotkeys([
    ['/', () => input.current?.focus()],
    ['mod+K', () => input.current?.focus()],
  ])
  return (
    <Combobox
      store={box}
      onOptionSubmit={(name) => {
        setText('')
        box.closeDropdown()
        input.current?.blur()
        void navigate({ to: '/applications/$application', params: { application: name } })
      }}
    >
      <Combobox.Target>
        <TextInput
          ref={input}
          size="xs"
          w="100%"
          maw={300}
          value={text}
          aria-label="Search applications"
          placeholder="Search applications"
          leftSection={<IconSearch size={15} />}
          rightSection={<Kbd size="xs">/</Kbd>}
          onFocus={() => box.openDropdown()}
          onBlur={() => box.closeDropdown()}
          onChange={(event) => {
            setText(event.currentTarget.value)
            box.openDropdown()
            box.selectFirstOption()
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options>
          {found.map((one) => (
            <Combobox.Option value={one.name} key={one.name}>
              {one.name} <span className="quiet">{one.team}</span>
            </Combobox.Option>
          ))}
          {data && found.length === 0 && <Combobox.Empty>No application is called so.</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
