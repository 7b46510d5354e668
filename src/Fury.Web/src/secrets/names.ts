/** A name as a part of an address. Without one, or with dots that lead a step up, it would be another address: of a blank the API says what a name is. */
export const inAddress = (name: string) => (/^\.{0,2}$/.test(name.trim()) ? ' ' : name.trim())
