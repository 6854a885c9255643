namespace SlabGen.Samples;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    public static string Time(long nanoseconds) => nanoseconds switch
    {
        0 => "0",
        < 1_000 => $"{nanoseconds} ns",
        < 1_000_000 => $"{Digits(nanoseconds / 1e3)} µs",
        < 1_000_000_000 => $"{Digits(nanoseconds / 1e6)} ms",
        _ => $"{Digits(nanoseconds / 1e9)} s",
    };

    public static string Bytes(long bytes) => bytes switch
    {
        0 => "0",
        < 1_000 => $"{bytes} B",
        < 1_000_000 => $"{Digits(bytes / 1e3)} kB",
        < 1_000_000_000 => $"{Digits(bytes / 1e6)} MB",
        _ => $"{bytes / 1e9:0.00} GB",
    };

    public static string Rate(double perSecond) => perSecond switch
    {
        < 1_000 => $"{perSecond:0}",
        < 1_000_000 => $"{Digits(perSecond / 1e3)} k",
        _ => $"{perSecond / 1e6:0.00} M",
    };

    private static string Digits(double value) => value < 10 ? $"{value:0.0}" : $"{value:0}";
}
