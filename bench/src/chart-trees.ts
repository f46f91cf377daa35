// Charts that the benchmark makes: an umbrella over many small charts, each of which calls tpl.

/** The files of a chart with `subcharts` charts below it, each with `tplCalls` texts that are rendered by tpl. */
export function umbrella(subcharts: number, tplCalls: number): ReadonlyMap<string, string> {
  const files = new Map([
    ['Chart.yaml', 'apiVersion: v2\nname: umbrella\nversion: 1.0.0\n'],
    ['values.yaml', 'global:\n  domain: example.com\n'],
    ['templates/config.yaml', configMap('{{ .Release.Name }}', 'subcharts: "{{ len .Subcharts }}"')],
  ])
  for (let index = 0; index < subcharts; index += 1) {
    const name = `app-${index}`
    for (const [path, text] of subchart(name, tplCalls)) files.set(`charts/${name}/${path}`, text)
  }
  return files
}

function subchart(name: string, tplCalls: number): readonly (readonly [string, string])[] {
  const values = Array.from(
    { length: tplCalls },
    (_, index) =>
      `  key-${index}: '{{ include "${name}.full" . }}-{{ .Values.global.domain | upper }}-${index}'\n`,
  )
  const helpers = Array.from(
    { length: 10 },
    (_, index) =>
      `{{- define "${name}.helper-${index}" -}}\n{{ .Values.image }}-${index}-{{ .Release.Name | trunc 63 }}\n{{- end -}}\n`,
  )
  return [
    ['Chart.yaml', `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`],
    ['values.yaml', `image: nginx\ntexts:\n${values.join('')}`],
    [
      'templates/_helpers.tpl',
      `{{- define "${name}.full" -}}{{ .Release.Name }}-${name}{{- end -}}\n${helpers.join('')}`,
    ],
    [
      'templates/config.yaml',
      configMap(
        `{{ include "${name}.full" . }}`,
        '{{- range $key, $text := .Values.texts }}\n  {{ $key }}: {{ tpl $text $ | quote }}\n{{- end }}',
      ),
    ],
  ]
}

function configMap(name: string, data: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`
}
