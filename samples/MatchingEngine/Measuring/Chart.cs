using System.Globalization;
using System.Security;
using System.Text;

namespace MatchingEngine.Measuring;

/// <summary>
/// Draws a comparison as SVG: for each figure one bar to an engine, to scale, with the figure beside it. Colours that are
/// legible on white and on black come first, for viewers without style sheets; the style sheet refines them by the viewer's scheme.
/// </summary>
internal static class Chart
{
    private const int Width = 760;
    private const int Left = 90;      // where bars begin
    private const int LongestBar = 530;
    private const int BarHeight = 20;
    private const int PanelHeight = 84;
    private const int Top = 52;

    public static string Draw(Comparison comparison)
    {
        (Report slabs, Report classes) = (comparison.Slabs, comparison.Classes);
        var svg = new StringBuilder();
        int y = Top;
        Panel(svg, ref y, "Messages per second (more is better)", slabs.MessagesPerSecond, classes.MessagesPerSecond, static v => Figures.Rate(v));
        Panel(svg, ref y, "Longest pause of the collector", slabs.PauseLongest, classes.PauseLongest, static v => Figures.Time((long)v));
        Panel(svg, ref y, "Longest message, of all", slabs.Longest, classes.Longest, static v => Figures.Time((long)v));
        Panel(svg, ref y, "Resident memory of the process", slabs.ResidentBytes, classes.ResidentBytes, static v => Figures.Bytes((long)v));
        int height = y + 26;

        return $$"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{{Width}}" height="{{height}}" viewBox="0 0 {{Width}} {{height}}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="14" fill="#768390">
            <title>{{Text($"A matching engine over slabs and over classes: {comparison.What}")}}</title>
            <style>
            .text { fill: #1f2328 } .note { fill: #59636e } .slabs { fill: #1a7f37 } .classes { fill: #8c959f }
            @media (prefers-color-scheme: dark) { .text { fill: #f0f6fc } .note { fill: #9198a1 } .slabs { fill: #3fb950 } .classes { fill: #6e7681 } }
            </style>
            <text class="text" x="0" y="20" font-size="17" font-weight="600">A matching engine over slabs and over classes</text>
            <text class="note" x="0" y="40">{{Text(comparison.What)}}</text>
            {{svg}}<text class="note" x="0" y="{{height - 8}}" font-size="11">{{Text(comparison.Machine)}}</text>
            </svg>

            """;
    }

    private static void Panel(StringBuilder svg, ref int y, string title, double slabs, double classes, Func<double, string> format)
    {
        double most = Math.Max(slabs, classes);
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text class="text" x="0" y="{y + 18}" font-weight="600">{Text(title)}</text>""");
        Bar(svg, y + 26, "slabs", "#2da44e", slabs, most, format);
        Bar(svg, y + 26 + BarHeight + 4, "classes", "#848d97", classes, most, format);
        y += PanelHeight;
    }

    private static void Bar(StringBuilder svg, int y, string name, string color, double value, double most, Func<double, string> format)
    {
        // Nothing is a line, so that one sees that it was measured.
        double length = most > 0 ? Math.Max(1, value / most * LongestBar) : 1;
        int baseline = y + 15;
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text class="note" x="{Left - 10}" y="{baseline}" text-anchor="end">{name}</text>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect class="{name}" x="{Left}" y="{y}" width="{length:0.#}" height="{BarHeight}" fill="{color}"/>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text class="text" x="{Left + length + 8:0.#}" y="{baseline}" font-weight="600">{Text(format(value))}</text>""");
    }

    private static string Text(string text) => SecurityElement.Escape(text);
}
