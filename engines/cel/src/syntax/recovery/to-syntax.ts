import type { FieldSyntax, MapEntrySyntax, OptionalSyntax, Syntax } from '../syntax-tree.ts'
import type { Token } from '../token.ts'
import { nodeAt, nodesOf, type TreeNode, tokenAt, tokensOf } from './tree.ts'

const broken: Syntax = { kind: 'broken' }

/** What a tree with gaps says; the gaps have been reported when they were found. */
export function toSyntax(node: TreeNode | undefined): Syntax {
  switch (node?.rule) {
    case 'start':
      return toSyntax(nodeAt(node, 'e'))
    case 'expr':
      return conditional(node)
    case 'or':
    case 'and':
      return logic(node)
    case 'relation':
    case 'calc':
      return binary(node)
    case 'unary':
      return unary(node)
    case 'member':
      return member(node)
    case 'primary':
      return primary(node)
    case 'literal':
      return literal(node)
    case 'exprList':
    case 'listInit':
    case 'fieldList':
    case 'optField':
    case 'mapList':
    case 'escapeIdent':
    case 'optExpr':
    case undefined:
      return broken
  }
}

function conditional(node: TreeNode): Syntax {
  const condition = toSyntax(nodeAt(node, 'e'))
  const op = tokenAt(node, 'op')
  if (!op) return condition
  const branches = { yes: toSyntax(nodeAt(node, 'e1')), no: toSyntax(nodeAt(node, 'e2')) }
  return { kind: 'conditional', op, condition, branches }
}

function logic(node: TreeNode): Syntax {
  const ops = tokensOf(node, 'ops')
  const first = toSyntax(nodeAt(node, 'e'))
  if (ops.length === 0) return first
  const rest = nodesOf(node, 'e1').map(toSyntax)
  if (rest.length < ops.length) return broken
  return { kind: 'logic', op: node.rule === 'or' ? '||' : '&&', terms: [first, ...rest], ops }
}

function binary(node: TreeNode): Syntax {
  const op = tokenAt(node, 'op')
  if (!op) return toSyntax(nodeAt(node, 'left') ?? nodeAt(node, 'inner'))
  return { kind: 'binary', op, left: toSyntax(nodeAt(node, 'left')), right: toSyntax(nodeAt(node, 'right')) }
}

function unary(node: TreeNode): Syntax {
  const operand = toSyntax(nodeAt(node, 'member'))
  const ops = tokensOf(node, 'ops')
  if (node.name === undefined) return broken
  return node.name === 'member' ? operand : { kind: 'unary', ops, operand }
}

function member(node: TreeNode): Syntax {
  const left = nodeAt(node, 'left')
  if (!left) return toSyntax(nodeAt(node, 'inner'))
  const operand = toSyntax(left)
  const op = tokenAt(node, 'op')
  if (!op) return operand
  const isOptional = tokenAt(node, 'question') !== undefined
  switch (node.name as 'select' | 'call' | 'index' | undefined) {
    case 'select': {
      const id = nodeAt(node, 'id')
      return id
        ? { kind: 'select', operand, op, isOptional, name: tokenAt(id, 'id'), start: id.start }
        : broken
    }
    case 'call': {
      const name = tokenAt(node, 'id')
      const open = tokenAt(node, 'open')
      return name && open ? { kind: 'memberCall', operand, name, open, args: argumentsOf(node) } : broken
    }
    case 'index':
      return { kind: 'index', operand, op, isOptional, index: toSyntax(nodeAt(node, 'index')) }
    case undefined:
      return broken
  }
}

function argumentsOf(node: TreeNode): readonly Syntax[] {
  const list = nodeAt(node, 'args')
  return list ? nodesOf(list, 'e').map(toSyntax) : []
}

/** The alternatives of `primary` in the grammar. */
type PrimaryName = 'ident' | 'call' | 'nested' | 'list' | 'map' | 'message' | 'literal'

function primary(node: TreeNode): Syntax {
  const dot = tokenAt(node, 'dot')
  const name = tokenAt(node, 'id')
  const open = tokenAt(node, 'open')
  switch (node.name as PrimaryName | undefined) {
    case 'ident':
      return name ? { kind: 'ident', dot, name } : broken
    case 'call':
      return name && open ? { kind: 'call', dot, name, open, args: argumentsOf(node) } : broken
    case 'nested':
      return toSyntax(nodeAt(node, 'e'))
    case 'list':
      return open ? { kind: 'list', open, elements: elementsOf(node) } : broken
    case 'map':
      return open ? { kind: 'map', open, entries: entriesOf(node) } : broken
    case 'message':
      return open
        ? { kind: 'message', dot, names: tokensOf(node, 'ids'), open, fields: fieldsOf(node) }
        : broken
    case 'literal':
      return toSyntax(nodeAt(node, 'literal'))
    case undefined:
      return broken
  }
}

function elementsOf(node: TreeNode): readonly OptionalSyntax[] {
  const list = nodeAt(node, 'elements')
  return list ? nodesOf(list, 'e').map(optionalOf) : []
}

function optionalOf(node: TreeNode): OptionalSyntax {
  return { question: tokenAt(node, 'question'), value: toSyntax(nodeAt(node, 'e')) }
}

/** Entries of a list whose parts do not match up are left out altogether. */
function entriesOf(node: TreeNode): readonly MapEntrySyntax[] {
  const list = nodeAt(node, 'entries')
  if (!list) return []
  const keys = nodesOf(list, 'keys')
  const values = nodesOf(list, 'values')
  const colons = tokensOf(list, 'cols')
  return colons.length > Math.min(keys.length, values.length)
    ? []
    : colons.map((colon, index) => entry(colon, keys[index], values[index]))
}

function entry(colon: Token, key: TreeNode | undefined, value: TreeNode | undefined): MapEntrySyntax {
  return {
    key: key ? optionalOf(key) : { question: undefined, value: broken },
    colon,
    value: toSyntax(value),
  }
}

function fieldsOf(node: TreeNode): readonly FieldSyntax[] {
  const list = nodeAt(node, 'entries')
  if (!list) return []
  const values = nodesOf(list, 'values')
  const colons = tokensOf(list, 'cols')
  const fields = nodesOf(list, 'fields')
  if (fields.length > Math.min(values.length, colons.length)) return []
  return fields.flatMap((field, index) => {
    const colon = colons[index]
    const id = nodeAt(field, 'id')
    const name = id && tokenAt(id, 'id')
    return colon
      ? [{ question: tokenAt(field, 'question'), name, colon, value: toSyntax(values[index]) }]
      : []
  })
}

function literal(node: TreeNode): Syntax {
  const token = tokenAt(node, 'token')
  return token ? { kind: 'literal', sign: tokenAt(node, 'sign'), token } : broken
}
