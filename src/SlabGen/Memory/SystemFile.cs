using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SlabGen.Memory;

/// <summary>The text files in which Linux shows its state: <c>/proc</c> and <c>/sys</c>.</summary>
internal static class SystemFile
{
    /// <summary>The text of a file, without white space at its ends.</summary>
    /// <returns><see langword="null"/> when there is no such file, or it cannot be read.</returns>
    public static string? Read(string path)
    {
        try
        {
            // Some files are read every second. File.ReadAllText would leave kilobytes to the collector each time.
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> text = stackalloc byte[4096];
            int length = 0;
            for (int read = 1; read > 0 && length < text.Length; length += read)
            {
                read = RandomAccess.Read(file, text[length..], length);
            }

            return length < text.Length
                ? Encoding.UTF8.GetString(text[..length].Trim(" \n\0"u8)) : File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
