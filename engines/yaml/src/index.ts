export type {
  AliasNode,
  DocumentNode,
  MappingNode,
  NodeFields,
  NodeStyle,
  ScalarNode,
  SequenceNode,
  YamlNode,
} from './node.ts'
