import { quote } from '@sluice/go'
import type { BranchNode, CommandNode, Node, Operand, PipeNode, TemplateNode } from './node.ts'

/** The node as error messages show it: normalized source. */
export function nodeText(node: Node): string {
  if (isOperand(node)) return operandText(node)
  switch (node.kind) {
    case 'text':
      return node.text
    case 'list':
      return node.nodes.map(nodeText).join('')
    case 'action':
      return `{{${pipeText(node.pipe)}}}`
    case 'if':
    case 'range':
    case 'with':
      return branchText(node)
    case 'template':
      return templateText(node)
    case 'break':
    case 'continue':
    case 'end':
    case 'else':
      return `{{${node.kind}}}`
    case 'command':
      return commandText(node)
  }
}

const operandKinds: ReadonlySet<string> = new Set<Operand['kind']>([
  'pipe',
  'identifier',
  'variable',
  'field',
  'chain',
  'dot',
  'nil',
  'bool',
  'string',
  'number',
])

function isOperand(node: Node): node is Operand {
  return operandKinds.has(node.kind)
}

function operandText(node: Operand): string {
  switch (node.kind) {
    case 'pipe':
      return pipeText(node)
    case 'identifier':
      return node.name
    case 'variable':
      return node.path.join('.')
    case 'field':
      return `.${node.path.join('.')}`
    case 'chain': {
      const inner = node.node.kind === 'pipe' ? `(${pipeText(node.node)})` : operandText(node.node)
      return `${inner}.${node.path.join('.')}`
    }
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'string':
      return node.quoted
    case 'number':
      return node.text
  }
}

function branchText({ kind, pipe, list, elseList }: BranchNode): string {
  const otherwise = elseList ? `{{else}}${nodeText(elseList)}` : ''
  return `{{${kind} ${pipeText(pipe)}}}${nodeText(list)}${otherwise}{{end}}`
}

function templateText({ name, pipe }: TemplateNode): string {
  return `{{template ${quote(name)}${pipe ? ` ${pipeText(pipe)}` : ''}}}`
}

function pipeText({ declarations, isAssign, commands }: PipeNode): string {
  const names = declarations.map(operandText).join(', ')
  const mark = declarations.length === 0 ? '' : isAssign ? ' = ' : ' := '
  return names + mark + commands.map(commandText).join(' | ')
}

function commandText({ args }: CommandNode): string {
  return args.map((arg) => (arg.kind === 'pipe' ? `(${pipeText(arg)})` : operandText(arg))).join(' ')
}
