using System.Runtime.InteropServices;
using System.Text;

namespace SlabGen.Memory;

/// <summary>The text files in which Linux shows its state: <c>/proc</c> and <c>/sys</c>.</summary>
/// <remarks>
/// By system calls: a process reads some ten of them before its first object, of which half are not there on most
/// machines, and some later every second. <see cref="File"/> throws for each that is missing, and the first exception
/// of a process takes milliseconds.
/// </remarks>
internal static unsafe partial class SystemFile
{
    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
    private const int UsualBytes = 4096;

    /// <summary>The text of a file, without white space at its ends.</summary>
    /// <returns><see langword="null"/> when there is no such file, or it cannot be read.</returns>
    public static string? Read(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return ReadElsewhere(path);
        }

        int file = Open(Encoding.UTF8.GetBytes(path + "\0"));
        if (file < 0)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[UsualBytes];
        try
        {
            int length = 0;
            while (true)
            {
                int read = ReadOnce(file, text[length..]);
                if (read <= 0)
                {
                    return read == 0 ? ToText(text[..length]) : null;
                }

                length += read;
                if (length == text.Length)
                {
                    byte[] larger = new byte[length * 2];
                    text.CopyTo(larger);
                    text = larger;
                }
            }
        }
        finally
        {
            _ = Close(file);
        }
    }

    /// <summary>The text of a file as it is, without garbage.</summary>
    /// <param name="path">The path, with a zero at its end.</param>
    /// <param name="buffer">Receives the text.</param>
    /// <returns>Nothing when it cannot be had, or does not fit. The buffer must have room for one byte more.</returns>
    public static ReadOnlySpan<byte> Read(byte[] path, Span<byte> buffer)
    {
        int file = Open(path);
        if (file < 0)
        {
            return default;
        }

        int length = 0, read = 1;
        while (read > 0 && length < buffer.Length)
        {
            read = ReadOnce(file, buffer[length..]);
            length += Math.Max(0, read);
        }

        _ = Close(file);
        return read == 0 ? buffer[..length] : default;
    }

    /// <summary>
    /// What follows a word that begins a line, to the end of that line, without spaces at its ends;
    /// <see langword="null"/> when there is no such line.
    /// </summary>
    public static string? Line(string? text, string word)
    {
        for (int start = 0; text is not null && start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            if (text.AsSpan(start).StartsWith(word)) // string.CompareOrdinal would be compiled first
            {
                start += word.Length;
                return text[start..Math.Max(start, end)].Trim();
            }

            start = end + 1;
        }

        return null;
    }

    /// <summary>The number that a text is: digits and nothing else.</summary>
    /// <remarks>Not <see cref="long.Parse(string)"/>, which prepares the formats of a culture first.</remarks>
    public static bool TryParse(string? text, out long number)
    {
        number = 0;
        foreach (char c in text ?? "")
        {
            if (!char.IsAsciiDigit(c) || number > (long.MaxValue - (c - '0')) / 10)
            {
                number = 0;
                return false;
            }

            number = (number * 10) + (c - '0');
        }

        return !string.IsNullOrEmpty(text);
    }

    private static string ToText(ReadOnlySpan<byte> text)
    {
        int start = 0, end = text.Length;
        while (end > start && text[end - 1] is (byte)' ' or (byte)'\n' or 0)
        {
            end--;
        }

        while (start < end && text[start] is (byte)' ' or (byte)'\n' or 0)
        {
            start++;
        }

        return Encoding.UTF8.GetString(text[start..end]);
    }

    /// <summary>Other systems have no such files; tests give texts of Linux to what reads them.</summary>
    private static string? ReadElsewhere(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Open(byte[] path)
    {
        fixed (byte* name = path)
        {
            return Open(name, ReadOnlyCloseOnExec);
        }
    }

    private static int ReadOnce(int file, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Read(file, start, buffer.Length);
        }
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int file, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
