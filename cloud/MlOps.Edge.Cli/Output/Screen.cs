using Spectre.Console;

namespace MlOps.Edge.Cli.Output;

/// <param name="Kind">How a cell behaves where there is little room.</param>
/// <param name="Spare">Left out, and said so, where the terminal is too narrow for the others.</param>
internal sealed record Column(string Name, ColumnKind Kind = ColumnKind.Text, bool Spare = false);

internal enum ColumnKind
{
    /// <summary>May wrap.</summary>
    Text,

    /// <summary>Stays in one piece: ids, numbers, times.</summary>
    Word,

    /// <summary>A word that is good, bad or in between, and says so in colour.</summary>
    State,

    /// <summary>In one piece, to the right.</summary>
    Number,
}

/// <summary>Tables and facts: laid out for a terminal, plain columns in a pipe.</summary>
internal sealed class Screen(CliEnvironment environment)
{
    private readonly TextWriter _output = environment.Output;

    public void Line(string text = "") => Write(new Text(text), text);

    public void Title(string text) => Write(new Text(text, new Style(decoration: Decoration.Bold)), text);

    /// <summary>What to do now, or what it waits for.</summary>
    public void Next(string text) => Line($"→ {text}");

    /// <summary>Labels and values; those without a value are left out.</summary>
    public void Facts(params (string Label, string? Value)[] facts)
    {
        var given = facts.Where(f => !string.IsNullOrEmpty(f.Value)).ToArray();
        var width = given.Max(f => f.Label.Length) + 2;
        if (environment.Width is null)
        {
            foreach (var (label, value) in given)
            {
                _output.WriteLine(label.PadRight(width) + value);
            }

            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn().PadRight(0));
        foreach (var (label, value) in given)
        {
            grid.AddRow(new Text(label, new Style(Color.Grey)), new Text(value!, StateColour.Of(value!)));
        }

        Terminal().Write(grid);
    }

    public void Table(IReadOnlyList<Column> columns, IEnumerable<string[]> rows)
    {
        if (environment.Width is null)
        {
            Plain(columns, [.. rows]);
            return;
        }

        (columns, rows) = Fit(columns, [.. rows], environment.Width.Value);
        var table = new Table { Border = TableBorder.Simple, BorderStyle = new Style(Color.Grey) };
        foreach (var column in columns)
        {
            var shown = new TableColumn(new Text(column.Name, new Style(Color.Grey))) { NoWrap = column.Kind != ColumnKind.Text };
            table.AddColumn(column.Kind == ColumnKind.Number ? shown.RightAligned() : shown);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select((cell, i) => new Text(cell, columns[i].Kind == ColumnKind.State ? StateColour.Of(cell) : Style.Plain)));
        }

        Terminal().Write(table);
    }

    private (IReadOnlyList<Column> Columns, IReadOnlyList<string[]> Rows) Fit(IReadOnlyList<Column> columns, IReadOnlyList<string[]> rows, int width)
    {
        // Each column has a margin of three; a text that wraps is still readable at sixteen.
        int Needs(int i) => 3 + Math.Max(columns[i].Name.Length, rows.Select(r => columns[i].Kind == ColumnKind.Text ? Math.Min(r[i].Length, 16) : r[i].Length).DefaultIfEmpty().Max());
        var shown = Enumerable.Range(0, columns.Count).ToList();
        var spare = new Stack<int>(shown.Where(i => columns[i].Spare));
        var leftOut = new List<string>();
        while (shown.Sum(Needs) > width && spare.TryPop(out var next))
        {
            shown.Remove(next);
            leftOut.Insert(0, columns[next].Name);
        }

        if (leftOut.Count > 0)
        {
            Line($"({Show.List(leftOut)}: not shown, the terminal is narrow; -o json has all)");
        }

        return ([.. shown.Select(i => columns[i])], [.. rows.Select(r => shown.Select(i => r[i]).ToArray())]);
    }

    private void Plain(IReadOnlyList<Column> columns, IReadOnlyList<string[]> rows)
    {
        var widths = columns.Select((c, i) => Math.Max(c.Name.Length, rows.Select(r => r[i].Length).DefaultIfEmpty().Max())).ToArray();
        foreach (var row in rows.Prepend([.. columns.Select(c => c.Name)]))
        {
            var cells = row.Select((cell, i) => columns[i].Kind == ColumnKind.Number ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            _output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private void Write(Text styled, string plain)
    {
        if (environment.Width is null)
        {
            _output.WriteLine(plain);
            return;
        }

        Terminal().Write(styled);
        _output.WriteLine();
    }

    private IAnsiConsole Terminal()
    {
        var console = AnsiConsole.Create(new()
        {
            Ansi = environment.Colours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = environment.Colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_output),
        });
        console.Profile.Width = environment.Width!.Value;
        return console;
    }
}
