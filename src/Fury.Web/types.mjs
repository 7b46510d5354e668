// Makes src/api/schema.ts of the API's description. Numbers that may also be written as texts are numbers here: the host writes them so.
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'
import ts from 'typescript'

const NUMBER = ts.factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword)
const nodes = await openapiTS(JSON.parse(readFileSync('openapi.json', 'utf8')), {
  transform: (schema) => {
    const types = [schema.type].flat()
    const isNumber = types.some((type) => type === 'integer' || type === 'number') && types.includes('string')
    return isNumber
      ? types.includes('null')
        ? ts.factory.createUnionTypeNode([NUMBER, ts.factory.createLiteralTypeNode(ts.factory.createNull())])
        : NUMBER
      : undefined
  },
})
writeFileSync('src/api/schema.ts', astToString(nodes))
