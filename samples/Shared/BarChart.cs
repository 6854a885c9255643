using System.Globalization;
using System.Security;
using System.Text;

namespace SlabGen.Samples;

/// <summary>
/// Draws a comparison as SVG: for each figure one bar to a program, to scale, with the figure beside it. Colours that are
/// legible on white and on black come first, for viewers without style sheets; the style sheet refines them by the viewer's scheme.
/// </summary>
/// <param name="title">What is compared.</param>
/// <param name="what">Under which load.</param>
/// <param name="machine">Where and when.</param>
/// <param name="programs">The names beside the bars, SlabGen's first.</param>
internal sealed class BarChart(string title, string what, string machine, params string[] programs)
{
    private const int Width = 760;
    private const int Left = 90;      // where bars begin
    private const int LongestBar = 530;
    private const int BarHeight = 20;
    private const int Top = 52;

    private static readonly string[] s_colors = ["#2da44e", "#848d97", "#bc4c00"];

    private readonly StringBuilder _svg = new();
    private int _y = Top;

    /// <summary>Adds a figure.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="format">Writes a value.</param>
    /// <param name="values">One for each program.</param>
    public void Panel(string name, Func<double, string> format, params ReadOnlySpan<double> values)
    {
        double most = 0;
        foreach (double value in values)
        {
            most = Math.Max(most, value);
        }

        _svg.AppendLine(CultureInfo.InvariantCulture, $"""<text class="text" x="0" y="{_y + 18}" font-weight="600">{Text(name)}</text>""");
        _y += 26;
        for (int i = 0; i < values.Length; i++)
        {
            Bar(i, values[i], most, format);
            _y += BarHeight + 4;
        }

        _y += 10;
    }

    public string Draw()
    {
        int height = _y + 26;
        return $$"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{{Width}}" height="{{height}}" viewBox="0 0 {{Width}} {{height}}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="14" fill="#768390">
            <title>{{Text($"{title}: {what}")}}</title>
            <style>
            .text { fill: #1f2328 } .note { fill: #59636e } .p0 { fill: #1a7f37 } .p1 { fill: #8c959f } .p2 { fill: #bc4c00 }
            @media (prefers-color-scheme: dark) { .text { fill: #f0f6fc } .note { fill: #9198a1 } .p0 { fill: #3fb950 } .p1 { fill: #6e7681 } .p2 { fill: #db6d28 } }
            </style>
            <text class="text" x="0" y="20" font-size="17" font-weight="600">{{Text(title)}}</text>
            <text class="note" x="0" y="40">{{Text(what)}}</text>
            {{_svg}}<text class="note" x="0" y="{{height - 8}}" font-size="11">{{Text(machine)}}</text>
            </svg>

            """;
    }

    private void Bar(int program, double value, double most, Func<double, string> format)
    {
        // Nothing is a line, so that one sees that it was measured.
        double length = most > 0 ? Math.Max(1, value / most * LongestBar) : 1;
        int baseline = _y + 15;
        _svg.AppendLine(CultureInfo.InvariantCulture, $"""<text class="note" x="{Left - 10}" y="{baseline}" text-anchor="end">{Text(programs[program])}</text>""");
        _svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect class="p{program}" x="{Left}" y="{_y}" width="{length:0.#}" height="{BarHeight}" fill="{s_colors[program]}"/>""");
        _svg.AppendLine(CultureInfo.InvariantCulture, $"""<text class="text" x="{Left + length + 8:0.#}" y="{baseline}" font-weight="600">{Text(format(value))}</text>""");
    }

    private static string Text(string text) => SecurityElement.Escape(text);
}
